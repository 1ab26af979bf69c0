/**
 * A deep copy of a trigger's state. Containers are copied; what is immutable (frozen objects and the runtime's own object
 * references) is shared, so that a copy costs what the containers cost and not what they hold.
 */
export function copyState(state: unknown): unknown {
  if (typeof state !== 'object' || state === null || Object.isFrozen(state)) return state
  if (Array.isArray(state)) return state.map(copyState)
  if (state instanceof Map) return new Map(Array.from(state, ([key, value]) => [key, copyState(value)]))
  if (state instanceof Set) return new Set(state)
  if (state instanceof Uint8Array) return state.slice()
  return isPlain(state) ? copyFields(state) : state
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function copyFields(state: object): object {
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, copyState(value)]))
}
