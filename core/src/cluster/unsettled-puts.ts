/** An object that was put and is lost, as whoever put it knows it. */
export interface LostObject {
  readonly session: string
  readonly key: string
}

/** Objects of one bucket that were in the memory of a coordinator when it lost the shard. */
export interface LostObjects {
  readonly app: string
  readonly bucket: string
  readonly objects: readonly LostObject[]
}

interface Unsettled extends LostObject {
  /** Under which the shard was held that has admitted it; undefined until that is known. */
  epoch: number | undefined
}

/** So many are remembered; of more, the oldest are forgotten. */
const maxUnsettled = 100_000

/**
 * What a member has put into a shared bucket that is kept in memory alone, until its authority says that it is done with. What it
 * had when the shard changed hands is lost, and only those who have put it are left to tell.
 */
export class UnsettledPuts {
  readonly #puts = new Map<number, Unsettled>()
  #count = 0

  get size(): number {
    return this.#puts.size
  }

  /** A put is about to be sent; the number is what the authority calls it by. */
  begin(session: string, key: string): number {
    this.#count += 1
    this.#puts.set(this.#count, { session, key, epoch: undefined })
    if (this.#puts.size > maxUnsettled) this.#puts.delete(this.#puts.keys().next().value!)
    return this.#count
  }

  /** It was admitted under this epoch. */
  admitted(put: number, epoch: number): void {
    const unsettled = this.#puts.get(put)
    if (unsettled !== undefined) unsettled.epoch = epoch
  }

  /** Nothing is kept for these any more. */
  settled(puts: readonly number[]): void {
    for (const put of puts) this.#puts.delete(put)
  }

  /** The shard is held under this epoch: what was admitted under earlier ones is lost. */
  reached(epoch: number): readonly LostObject[] {
    const lost: LostObject[] = []
    for (const [put, { epoch: own, session, key }] of this.#puts) {
      if (own === undefined || own >= epoch) continue
      this.#puts.delete(put)
      lost.push({ session, key })
    }
    return lost
  }
}
