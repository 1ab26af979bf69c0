import type { PairCodec } from './codecs.js'
import type { Pair } from './pair.js'
import type { Slice } from './slice.js'
import type { Source } from './sources.js'

/** The values of one key, which can be gone through once. */
export class Group<V> implements Iterable<V> {
  readonly key: Slice
  /** Whether the current pair of the source belongs to the group. */
  #isCurrent = true
  #isLeft = true

  /** The current pair of the source is the first one. */
  constructor(
    private readonly source: Source,
    private readonly codec: PairCodec<V>,
  ) {
    this.key = source.pair.key.copy()
  }

  *[Symbol.iterator](): Generator<V, void, undefined> {
    while (this.#isCurrent) {
      yield this.codec.decode(this.source.pair.value)
      this.#advance()
    }
  }

  /** Goes behind the last value. Tells whether the source has another pair. */
  end(): boolean {
    while (this.#isCurrent) this.#advance()
    return this.#isLeft
  }

  #advance(): void {
    this.#isLeft = this.source.next()
    this.#isCurrent = this.#isLeft && hasKey(this.source.pair, this.key)
  }
}

function hasKey({ bytes, start, middle }: Pair, key: Slice): boolean {
  if (middle - start !== key.end) return false
  for (let at = 0; at < key.end; at += 1) if (bytes[start + at] !== key.bytes[at]) return false
  return true
}
