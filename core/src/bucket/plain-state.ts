/**
 * A deep copy of a trigger's state. Containers are copied; what is immutable (frozen objects and the runtime's own object
 * references) is shared, so that a copy costs what the containers cost and not what they hold.
 */
export function copyState(state: unknown): unknown {
  if (typeof state !== 'object' || state === null) return state
  switch (Object.getPrototypeOf(state)) {
    case Object.prototype:
    case null:
      return Object.isFrozen(state) ? state : copyFields(state as Record<string, unknown>)
    case Array.prototype:
      return Object.isFrozen(state) ? state : (state as unknown[]).map(copyState)
    case Map.prototype:
      return copyMap(state as ReadonlyMap<unknown, unknown>)
    case Set.prototype:
      return new Set(state as ReadonlySet<unknown>)
    case Uint8Array.prototype:
      return (state as Uint8Array).slice()
    default:
      return state
  }
}

function copyFields(state: Record<string, unknown>): Record<string, unknown> {
  const copy = { ...state }
  for (const name in copy) {
    const field = copy[name]
    if (typeof field === 'object' && field !== null) copy[name] = copyState(field)
  }
  return copy
}

function copyMap(state: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>()
  for (const [key, value] of state) copy.set(key, copyState(value))
  return copy
}
