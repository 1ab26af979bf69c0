import { bytes, json, type PairCodec } from '../codecs.js'
import type { RecordFormat } from '../formats.js'
import type { Position } from '../records.js'
import type { Slice } from '../slice.js'

/** What a job does with records. */
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
  /** How the results of `reduce` are bytes. Default JSON. */
  readonly result?: PairCodec<R>
  /** Writes a result to a file. Default: the bytes of key and result, one behind the other. */
  readonly output?: (key: K, result: R, write: (part: string | Slice) => void) => void
}

/** How the results of a job are bytes. Without `reduce` they are values. */
export function resultCodecOf<Record, K, V, R>({
  reduce,
  value,
  result = json<R>(),
}: Definition<Record, K, V, R>): PairCodec<R> {
  return reduce === undefined ? (value as unknown as PairCodec<R>) : result
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
export function prefixOf<Record, K, V, R>({
  input,
  map,
  key,
  value,
  combine,
}: Definition<Record, K, V, R>): number | undefined {
  const { [prefixBytes]: prefix } = map as { readonly [prefixBytes]?: number }
  const isPlain = combine === undefined && [key, value].every((codec) => (codec as unknown) === bytes)
  return isPlain && prefix !== undefined && input.size > 1 && prefix <= input.size ? prefix : undefined
}
