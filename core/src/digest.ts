import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Codec } from './codec.js'

/**
 * The SHA-256 of a value's content, as base64url: equal for values that are equal, whatever the order of their fields. Throws
 * `STG_CODEC_UNSUPPORTED` for values that the codec cannot encode.
 */
export function contentDigest(value: unknown, codec: Codec): string {
  return hash('sha256', codec.encode(canonical(value)), 'base64url')
}

/** Whether two values have the same content. Values that cannot be encoded are compared field by field. */
export function sameContent(a: unknown, b: unknown, codec: Codec): boolean {
  if (a === b) return true
  try {
    return contentDigest(a, codec) === contentDigest(b, codec)
  } catch {
    return isDeepStrictEqual(a, b)
  }
}

/** The value with the fields of plain objects in order of their names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, item]) => [canonical(key), canonical(item)]))
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, canonical(field)]))
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
