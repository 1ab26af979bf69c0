import { bytes, type PairCodec, type Position, type RecordFormat, type Slice } from '@stigmergy/records'
import { configError } from './errors.js'

/** What a job does: the functions and formats that its module gives to `mapReduce`. */
export interface Definition<Record, K, V, R = V> {
  /** How the input is cut into records. */
  readonly input: RecordFormat<Record>
  readonly key: PairCodec<K>
  readonly value: PairCodec<V>
  /** Called for each record; calls `emit` for each pair. `at` says where the record begins, until the next one. */
  readonly map: (record: Record, emit: (key: K, value: V) => void, at: Position) => void
  /** One value for two of the same key, where map runs; in any order and as often as it pays. Default: all values travel. */
  readonly combine?: (one: V, other: V) => V
  /**
   * To which partition a key belongs: by `hash` (default); by `range`, so that all keys of one come before those of the next; or its
   * number, from 0 on and below `partitions`.
   */
  readonly partition?: 'hash' | 'range' | ((key: K, partitions: number) => number)
  /** Called once for each key, in the order of the keys' bytes. Undefined is no result. Default: each value is a result. */
  readonly reduce?: (key: K, values: Iterable<V>) => R | undefined
  /** How results travel to the caller. Default JSON; without `reduce`, `value`. */
  readonly result?: PairCodec<R>
  /** Writes a result to a file. Default: the bytes of key and result, one behind the other. */
  readonly output?: (key: K, result: R, write: (part: string | Slice) => void) => void
}

const prefixBytes = Symbol('prefixBytes')

/**
 * A `map` that emits each record as it is: its first `keyBytes` bytes as its key, the rest as its value. Records of a fixed size are then
 * moved without being looked at one by one.
 */
export function byPrefix(
  keyBytes: number,
): (record: Slice, emit: (key: Slice, value: Slice) => void) => void {
  const map = (record: Slice, emit: (key: Slice, value: Slice) => void): void =>
    emit(record.part(0, keyBytes), record.part(keyBytes))
  return Object.assign(map, { [prefixBytes]: keyBytes })
}

/** How long the keys are, if `byPrefix` has made the map and nothing else is done to the records. */
export function prefixOf({
  input,
  map,
  key,
  value,
  combine,
}: Definition<never, never, never>): number | undefined {
  const isPlain =
    input.size > 1 && combine === undefined && [key, value].every((codec) => (codec as unknown) === bytes)
  const { [prefixBytes]: prefix } = map as { readonly [prefixBytes]?: number }
  return isPlain && prefix !== undefined && prefix <= input.size ? prefix : undefined
}

const functions = ['map', 'combine', 'reduce', 'output'] as const
const codecs = ['key', 'value', 'result'] as const
const fields = [...functions, ...codecs, 'input', 'partition'] as const

/** Throws `STG_CONFIG_INVALID` for what a compiler would not accept. */
export function checkDefinition(given: object): void {
  const has = given as Partial<{ [field in (typeof fields)[number]]: unknown }>
  for (const field of Object.keys(given))
    if (!fields.includes(field as never))
      throw configError(field, `is unknown; there are ${fields.join(', ')}`)
  for (const field of functions)
    if (typeof has[field] !== 'function' && (field === 'map' || has[field] !== undefined))
      throw configError(field, 'must be a function')
  for (const field of codecs)
    if (
      typeof (has[field] as Partial<PairCodec<never>>)?.encode !== 'function' &&
      (field !== 'result' || has[field] !== undefined)
    )
      throw configError(field, 'must be a codec, such as text, count, bytes or json()')
  if (typeof (has.input as Partial<RecordFormat<never>>)?.record !== 'function')
    throw configError(
      'input',
      'must be a format of records, such as lines(), fixed(size) or pieces(endsWith)',
    )
  if (typeof has.partition !== 'function' && !['hash', 'range', undefined].includes(has.partition as never))
    throw configError('partition', "must be 'hash', 'range' or a function")
}
