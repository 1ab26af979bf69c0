import { inspect } from 'node:util'

/** Plain data for people to read, short enough for a message: objects are their keys and numbers in the log. */
export function shown(value: unknown): string {
  return inspect(abridged(value), {
    depth: 6,
    breakLength: 100,
    compact: 4,
    maxArrayLength: 20,
    maxStringLength: 100,
  })
}

/** Plain data as code, complete and on one line. */
export function code(value: unknown): string {
  const all = { depth: Infinity, breakLength: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity }
  return inspect(value, { ...all, compact: true })
}

/** A reference in a text, such as `a#1`. */
class Mention {
  constructor(readonly text: string) {}

  [inspect.custom](): string {
    return this.text
  }
}

/** The same data, with a mention for each reference. What contains itself, or is not plain, stays as it is. */
function abridged(value: unknown, within: readonly unknown[] = []): unknown {
  if (typeof value !== 'object' || value === null || within.includes(value)) return value
  const inside = [...within, value]
  if ('seq' in value && 'producer' in value && 'key' in value)
    return new Mention(`${String(value.key)}#${String(value.seq)}`)
  if (Array.isArray(value)) return value.map((item) => abridged(item, inside))
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [abridged(key, inside), abridged(item, inside)]))
  if (value instanceof Set) return new Set([...value].map((item) => abridged(item, inside)))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, abridged(item, inside)]))
}
