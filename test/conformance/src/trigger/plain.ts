import { isDeepStrictEqual } from 'node:util'
import { CborCodec } from '@stigmergy/core'
import { shown } from './shown.js'

/** What in the data is not plain, in words; undefined when everything is. */
export function notPlain(data: unknown): string | undefined {
  return problemIn(data, 'state', [])
}

const codec = new CborCodec()

/** What happens to the data on its way through CBOR, in words; undefined when nothing does. */
export function notCarried(data: unknown): string | undefined {
  const back = codec.decode(codec.encode(data))
  return isDeepStrictEqual(back, data) ? undefined : `CBOR reads ${shown(data)} back as ${shown(back)}.`
}

function problemIn(value: unknown, path: string, within: readonly unknown[]): string | undefined {
  if (within.includes(value)) return `${path} contains itself.`
  if (typeof value !== 'object' || value === null) return problemOf(value, path)
  const inside = [...within, value]
  for (const [part, partPath] of partsOf(value, path)) {
    const problem = part === notPart ? `${partPath} is not plain.` : problemIn(part, partPath, inside)
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemOf(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? undefined
      : `${path} is ${Object.is(value, -0) ? '-0' : value}.`
  if (typeof value === 'string')
    return loneSurrogate.test(value) ? `${path} has half of a surrogate pair.` : undefined
  if (value === undefined) return `${path} is undefined: leave the field out, or use null.`
  return `${path} is a ${typeof value}.`
}

const loneSurrogate = /\p{Surrogate}/u

const notPart = Symbol('not plain')

function* partsOf(value: object, path: string): Generator<readonly [part: unknown, path: string]> {
  if (value instanceof Uint8Array) return
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield [item, `${path}[${index}]`]
  else if (value instanceof Map)
    for (const [key, item] of value as Map<unknown, unknown>) {
      yield [key, `a key of ${path}`]
      yield [item, `${path}.get(${String(key)})`]
    }
  else if (value instanceof Set) for (const item of value) yield [item, `an item of ${path}`]
  else if (isPlainObject(value))
    for (const [name, item] of Object.entries(value)) yield [item, `${path}.${name}`]
  else yield [notPart, `${path}, a ${value.constructor.name},`]
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
  )
}
