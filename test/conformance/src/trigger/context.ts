import type { TriggerContext } from '@stigmergy/core'

/** A context that tells what is asked of it, such as `dispose` or `timers.set`, and with which arguments. */
export function overheard(
  ctx: TriggerContext,
  hear: (name: string, args: readonly unknown[]) => void,
): TriggerContext {
  return listening(ctx, '', hear)
}

function listening<Target extends object>(
  target: Target,
  prefix: string,
  hear: (name: string, args: readonly unknown[]) => void,
): Target {
  return new Proxy(target, {
    get: (_target, key) => {
      const name = prefix + String(key)
      const value: unknown = Reflect.get(target, key, target)
      if (name === 'timers') return listening(value as object, 'timers.', hear)
      if (typeof value === 'function')
        return (...args: unknown[]): unknown => {
          hear(name, args)
          return Reflect.apply(value, target, args) as unknown
        }
      hear(name, [])
      return value
    },
  })
}
