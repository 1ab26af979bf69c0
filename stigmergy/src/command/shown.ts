import { inspect } from 'node:util'

/** Longer texts than this are cut. */
const longest = 60

/** A value in a few words. */
export function brief(value: unknown): string {
  const text = inspect(value, { compact: true, breakLength: Infinity, depth: 3 })
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
