import type { Clock, Timer } from '../clock.js'
import type { Register } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Lease } from './lease.js'
import type { Members } from './members.js'
import { encodeEntry } from './register-values.js'
import { ownerOf } from './rendezvous.js'
import { shardKey, type ShardMap } from './shard-map.js'

export interface ShardKeeperOptions {
  readonly id: string
  readonly shards: number
  readonly register: Register
  readonly clock: Clock
  readonly lease: Lease
  readonly coordinators: Members
  readonly map: ShardMap
  readonly leaseMs: number
  /** A shard is this coordinator's own from now on, under this epoch. */
  readonly onGained: (shard: number, epoch: number) => void
  /** A shard is to go to another: resolves when nothing of it is under way here. */
  readonly onLeaving: (shard: number) => Promise<void>
  /** A shard is another's already. */
  readonly onLost: (shard: number) => void
}

/**
 * Takes and gives the shards of one coordinator, so that the live ones share them evenly. It takes a shard that is its own by
 * rendezvous hashing when nobody holds it, or when whoever did is dead: then that one's entry is removed first, so that it cannot
 * renew its lease. It gives a shard that another should have, when nothing of it is under way here.
 */
export class ShardKeeper {
  /** The shards that it holds, with their epochs. */
  readonly held = new Map<number, number>()
  readonly #options: ShardKeeperOptions
  readonly #leaving = new Set<number>()
  #isBalancing = false
  #isToBalance = false
  #isClosed = false
  #retry: Timer | undefined

  constructor(options: ShardKeeperOptions) {
    this.#options = options
  }

  /** Something has changed: takes and gives what follows from it. */
  async balance(): Promise<void> {
    this.#isToBalance = true
    if (this.#isBalancing) return
    this.#isBalancing = true
    while (this.#isToBalance && !this.#isClosed) {
      this.#isToBalance = false
      try {
        await this.#buryDead()
        await this.#balanceOnce()
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#isBalancing = false
  }

  /** Gives all that it holds to the others. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#retry?.cancel()
    await Promise.all([...this.held.keys()].map((shard) => this.#give(shard)))
  }

  async #balanceOnce(): Promise<void> {
    const { id, shards, coordinators, map } = this.#options
    const live = [...coordinators.live.keys()]
    const steps: Promise<void>[] = []
    for (let shard = 0; shard < shards; shard += 1) {
      const { owner, epoch } = map.find(shard)
      const epochHere = this.held.get(shard)
      if (epochHere !== undefined && (owner !== id || epoch > epochHere)) this.#lose(shard)
      const wanted = ownerOf(shard, live)
      const isFree = owner === id ? !this.held.has(shard) : !coordinators.isLive(owner)
      if (wanted === id && isFree) steps.push(this.#take(shard))
      else if (wanted !== id && wanted !== undefined && owner === id) void this.#give(shard)
    }
    await Promise.all(steps)
  }

  async #buryDead(): Promise<void> {
    const { register, coordinators } = this.#options
    for (const { entry, revision } of coordinators.silent)
      await register.delete(`coordinators.${entry.id}`, revision)
  }

  async #take(shard: number): Promise<void> {
    const { id, register, lease, map, onGained } = this.#options
    if (!lease.isValid) return this.#againLater() // it may be valid again, and nobody would tell
    if (this.#leaving.has(shard)) return
    const before = map.find(shard)
    const entry = { owner: id, epoch: before.epoch + 1 }
    const revision = await register.set(shardKey(shard), encodeEntry(entry), before.revision)
    if (revision === undefined) return // the watcher tells who was quicker
    this.held.set(shard, entry.epoch)
    map.learn(shard, { ...entry, revision })
    onGained(shard, entry.epoch)
  }

  async #give(shard: number): Promise<void> {
    const { id, register, map, onLeaving } = this.#options
    if (this.#leaving.has(shard)) return
    this.#leaving.add(shard)
    try {
      await onLeaving(shard)
      const { owner, epoch, revision } = map.find(shard)
      this.held.delete(shard)
      if (owner !== id) return
      const entry = { owner: '', epoch }
      const given = await register.set(shardKey(shard), encodeEntry(entry), revision)
      if (given !== undefined) map.learn(shard, { ...entry, revision: given })
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#leaving.delete(shard)
    }
  }

  #lose(shard: number): void {
    this.held.delete(shard)
    this.#options.onLost(shard)
  }

  /** The register was not to be had: what is to be done stays to be done. */
  #failed(error: unknown): void {
    if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) process.emitWarning(asError(error))
    this.#againLater()
  }

  #againLater(): void {
    const { clock, leaseMs } = this.#options
    if (this.#isClosed) return
    this.#retry?.cancel()
    this.#retry = clock.setTimer(clock.now() + leaseMs / 4, () => void this.balance())
  }
}
