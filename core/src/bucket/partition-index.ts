import { isDeepStrictEqual } from 'node:util'
import type { PartitionName } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { Partition } from './partition.js'
import type { TriggerCell } from './trigger-cell.js'

/** How many partitions a full index looks at, per call, for one that can be forgotten. */
const partitionsLookedAt = 64

/**
 * The partitions of one trigger by name. At `maxPartitions` it forgets partitions that are as good as new; when there is none,
 * a new one is `STG_TRIGGER_BUSY`.
 */
export class PartitionIndex {
  readonly #cell: TriggerCell
  readonly #opened: (partition: Partition) => void
  readonly #byKey = new Map<string, Partition>()
  /** That of the whole bucket, which most triggers have and no other: it needs no look into a table. */
  #whole: Partition | undefined
  #cursor: IterableIterator<Partition> | undefined
  /** Where new partitions start to number their firings, so that a forgotten one's numbers are not given again. */
  firstFireSeq = 0

  constructor(cell: TriggerCell, opened: (partition: Partition) => void) {
    this.#cell = cell
    this.#opened = opened
  }

  get size(): number {
    return this.#byKey.size
  }

  [Symbol.iterator](): IterableIterator<Partition> {
    return this.#byKey.values()
  }

  find(name: PartitionName): Partition | undefined {
    return this.#byKey.get(partitionKey(name))
  }

  /** The partition of this name, made if need be. Throws `STG_TRIGGER_BUSY` at the limit. */
  open(name: PartitionName): Partition {
    if (this.#whole !== undefined && name.session === undefined && name.by === undefined) return this.#whole
    const key = partitionKey(name)
    const partition = this.#byKey.get(key) ?? this.#make(key, name)
    if (name.session === undefined && name.by === undefined) this.#whole = partition
    return partition
  }

  delete(partition: Partition): void {
    if (this.#byKey.get(partition.key) === partition) this.#remove(partition)
  }

  #make(key: string, name: PartitionName): Partition {
    const { maxPartitions } = this.#cell.common
    if (this.#byKey.size >= maxPartitions && !this.#forgetOne()) throw this.#full(maxPartitions)
    const partition = new Partition(this.#cell, key, name, this.firstFireSeq)
    this.#byKey.set(key, partition)
    this.#opened(partition)
    return partition
  }

  #forgetOne(): boolean {
    for (let looked = 0; looked < partitionsLookedAt; looked += 1) {
      this.#cursor ??= this.#byKey.values()
      const next = this.#cursor.next()
      if (next.done === true) this.#cursor = undefined
      else if (this.#isAsNew(next.value)) return this.#forget(next.value)
    }
    return false
  }

  /** Whoever is on the way to it finds it over. */
  #forget(partition: Partition): true {
    partition.phase = 'over'
    this.firstFireSeq = Math.max(this.firstFireSeq, partition.fireSeq)
    this.#remove(partition)
    return true
  }

  #remove(partition: Partition): void {
    this.#byKey.delete(partition.key)
    if (this.#whole === partition) this.#whole = undefined
  }

  #isAsNew(partition: Partition): boolean {
    if (partition.phase !== 'open' || partition.isOfSession || partition.isBusy || partition.pending.size > 0)
      return false
    if (
      (partition.timers?.size ?? 0) > 0 ||
      partition.deadline !== undefined ||
      partition.queue !== undefined
    )
      return false
    return isDeepStrictEqual(partition.state, this.#cell.initialState())
  }

  #full(maxPartitions: number): StigmergyError {
    return new StigmergyError(
      'STG_TRIGGER_BUSY',
      `Trigger ${this.#cell.id} has ${maxPartitions} partitions in use; raise its maxPartitions or let some end.`,
      { retryable: true, details: { trigger: this.#cell.id, maxPartitions } },
    )
  }
}

/** One text per name: with two parts, JSON keeps them apart whatever characters they contain. */
function partitionKey({ session, by }: PartitionName): string {
  if (session === undefined) return by ?? ''
  return by === undefined ? session : JSON.stringify([session, by])
}
