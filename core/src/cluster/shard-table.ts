import type { Clock } from '../clock.js'
import type { Journal, Outcome } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { sentError } from '../node/sent-error.js'
import type { Calls } from './calls.js'
import type { ClusterMessage, Work } from './cluster-messages.js'
import type { Dispatcher } from './dispatcher.js'
import { HeldShard } from './held-shard.js'
import type { Member, Members } from './members.js'
import type { Reclaimer } from './reclaimer.js'
import type { ClusterSettings } from './settings.js'
import type { Settler } from './settler.js'
import { moved } from './shard-log.js'
import { type ShardStatus, statusOf } from './shard-status.js'
import type { EntryOutcome, ShardEntry, SharedApp } from './shard-state.js'
import type { Decision } from './decision.js'
import type { EndRecord, SharedSession } from './shared-sessions.js'
import type { Waiters } from './waiters.js'
import { firingWork, sessionWork, workOf } from './work-of.js'

export interface ShardTableParts {
  readonly journal: Journal
  readonly settings: ClusterSettings
  readonly apps: ReadonlyMap<string, SharedApp>
  /** The time that triggers see. */
  readonly clock: Clock
  readonly calls: Calls<ClusterMessage>
  readonly nodes: Members
  readonly dispatcher: Dispatcher
  readonly reclaimer: Reclaimer
  readonly settler: Settler
  readonly waiters: Waiters
  /** Whether this coordinator may act at all. */
  readonly mayAct: () => boolean
  readonly onGained: (shard: number, epoch: number) => void
  readonly onLost: (shard: number, epoch: number) => void
  readonly onDecided: (shard: number, decision: Decision) => void
}

/** The shards that a coordinator holds. What is decided in them is carried out: work is dispatched, callers are woken, values are let go. */
export class ShardTable {
  readonly #parts: ShardTableParts
  readonly #shards = new Map<number, HeldShard>()
  /** Those whose nodes are being asked what they have of it: nothing begins before they have answered. */
  readonly #sought = new Set<HeldShard>()

  constructor(parts: ShardTableParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#shards.size
  }

  /** Those that are open, as they stand. */
  status(): readonly ShardStatus[] {
    return [...this.#shards.values()].map(statusOf).filter((status) => status !== undefined)
  }

  /** An open shard. Throws `STG_SHARD_MOVED` for one that is not held here. */
  find(number: number): HeldShard {
    const shard = this.#shards.get(number)
    if (shard?.state === undefined) throw moved(`shard.${number}`)
    return shard
  }

  /** A shard is this coordinator's from now on. One that cannot be opened is lost again. */
  async gain(number: number, epoch: number): Promise<void> {
    const shard = this.#make(number, epoch)
    this.#shards.get(number)?.drop()
    this.#shards.set(number, shard)
    try {
      await shard.open()
      await this.#takeUp(shard)
      this.#parts.onGained(number, epoch)
    } catch (error) {
      if (!StigmergyError.is(error)) process.emitWarning(asError(error))
      if (this.#shards.get(number) === shard) this.lose(number)
    }
  }

  /** A shard is to be another's: what is under way in it is finished first. */
  async giveUp(number: number): Promise<void> {
    await this.#shards.get(number)?.close()
    this.lose(number)
  }

  lose(number: number): void {
    const { dispatcher, waiters, onLost } = this.#parts
    const shard = this.#shards.get(number)
    if (shard === undefined) return
    this.#shards.delete(number)
    this.#sought.delete(shard)
    shard.drop()
    if (shard.state !== undefined)
      for (const { work } of workOf(shard.state, number)) dispatcher.remove(work.session)
    waiters.moved(number)
    onLost(number, shard.epoch)
  }

  loseAll(): void {
    for (const shard of [...this.#shards.keys()]) this.lose(shard)
  }

  /** Work has ended without a node that tells so. */
  ended(work: Work, outcome: Outcome): void {
    const { shard: number, session, app, firing } = work
    const shard = this.#shards.get(number)
    if (shard === undefined) return
    const error = outcome === 'cancelled' ? { error: sentError(wasCancelled(session)) } : {}
    const entry: ShardEntry =
      firing === undefined
        ? ['ended', shard.now(), session, { outcome, ...error }, undefined]
        : ['done', shard.now(), app, firing.bucket, firing.id, outcome]
    shard.propose(entry).then(
      () => this.#parts.dispatcher.remove(session),
      () => this.#endAgain(work, outcome),
    )
  }

  /** The log did not take it. If another holds the shard by then, he finds the work open, and asks the nodes. */
  #endAgain(work: Work, outcome: Outcome): void {
    const { clock, settings } = this.#parts
    clock.setTimer(clock.now() + settings.retryMs, () => this.ended(work, outcome))
  }

  #make(number: number, epoch: number): HeldShard {
    const { journal, settings, apps, clock, mayAct, reclaimer } = this.#parts
    const { maxSessionsPerShard, maxWaiting, snapshotEvery, tombstoneMs, retryMs } = settings
    const shard: HeldShard = new HeldShard({
      ...{ shard: number, epoch, journal, apps, clock, mayAct },
      ...{ maxSessions: maxSessionsPerShard, maxWaiting, snapshotEvery, tombstoneMs, retryMs },
      isDurable: (app, bucket) => this.isDurable(app, bucket),
      onApplied: (entry, outcome, decisions) => this.#applied(shard, entry, outcome, decisions),
      onForgotten: (sessions) => {
        for (const { reply } of sessions)
          if (reply !== undefined && 'value' in reply) reclaimer.free(reply.value)
      },
      onFenced: () => this.lose(number),
    })
    return shard
  }

  /** Whether a shared bucket is kept in the journal, and not in memory alone. */
  isDurable(app: string, bucket: string): boolean {
    const { apps, settings } = this.#parts
    const declared = apps.get(app)?.manifest.buckets.get(bucket)?.options.durability
    return (declared ?? settings.durability) === 'journal'
  }

  /**
   * Whatever is under way in a shard that another has held: some of it runs on nodes already, the rest is to be run. What nodes run of it
   * besides is in vain.
   */
  async #takeUp(shard: HeldShard): Promise<void> {
    const { dispatcher } = this.#parts
    if (shard.isNew) return
    this.#sought.add(shard)
    const { homes, silent } = await this.#askNodes(shard.shard)
    if (!this.#sought.delete(shard)) return // it is another's by now
    for (const underWay of workOf(shard.state!, shard.shard)) {
      const { session } = underWay.work
      const [home, ...others] = homes.get(session) ?? []
      homes.delete(session)
      const isCancelled = shard.state!.sessions.find(session)?.cancelled === true
      if (home !== undefined) dispatcher.adopt(underWay, home, new Set([...silent, ...others]))
      else if (isCancelled) this.ended(underWay.work, 'cancelled')
      else dispatcher.add(underWay, silent)
      if (isCancelled) dispatcher.abort(session)
    }
    for (const [session, nodes] of homes) dispatcher.end(session, new Set(nodes))
  }

  /** The nodes that have each session of the shard, and those that did not say. */
  async #askNodes(shard: number): Promise<{
    readonly homes: Map<string, string[]>
    readonly silent: ReadonlySet<string>
  }> {
    const { calls, nodes } = this.#parts
    const homes = new Map<string, string[]>()
    const silent = new Set<string>()
    const ask = async ([id, { entry }]: readonly [string, Member]): Promise<void> => {
      try {
        const sessions = (await calls.call(entry.address, ['running', shard])) as readonly string[]
        for (const session of sessions) homes.set(session, [...(homes.get(session) ?? []), id])
      } catch (error) {
        if (!StigmergyError.is(error)) throw error // a node that does not answer is about to be dead, or not
        silent.add(id)
      }
    }
    await Promise.all([...nodes.live].map(ask))
    return { homes, silent }
  }

  /** An entry has happened: what follows from it is done. */
  #applied(shard: HeldShard, entry: ShardEntry, outcome: EntryOutcome, decisions: readonly Decision[]): void {
    const { dispatcher, waiters, onDecided } = this.#parts
    const [kind] = entry
    if (kind === 'begin') this.#begin(shard, entry[2].session)
    if (kind === 'cancel') dispatcher.abort(entry[2])
    if (kind === 'ended') this.#endedIn(entry[2], outcome as EndRecord)
    if (kind === 'replied' || kind === 'ended') waiters.wake(entry[2])
    for (const decision of decisions) {
      this.#carryOut(shard, decision)
      onDecided(shard.shard, decision)
    }
  }

  #begin(shard: HeldShard, id: string): void {
    const session: SharedSession | undefined = shard.state!.sessions.find(id)
    if (session === undefined || session.end !== undefined || this.#sought.has(shard)) return
    this.#parts.dispatcher.add(sessionWork(session, shard.shard))
  }

  #endedIn(session: string, record: EndRecord): void {
    if (!record.ended) return
    this.#parts.dispatcher.remove(session)
    for (const { value } of record.freed) this.#parts.reclaimer.free(value)
  }

  #carryOut(shard: HeldShard, decision: Decision): void {
    const { dispatcher, reclaimer, settler } = this.#parts
    if (decision.kind === 'free') {
      reclaimer.free(decision.value)
      const { settle } = decision
      if (settle !== undefined) settler.settle(settle.app, settle.bucket, settle)
    }
    if (decision.kind === 'cancel') dispatcher.abort(decision.session)
    if (decision.kind !== 'fire' || this.#sought.has(shard)) return
    const { order } = decision
    dispatcher.add(firingWork(order, shard.state!.bucket(order.app, order.bucket), shard.shard))
  }
}

function wasCancelled(id: string): StigmergyError {
  return new StigmergyError('STG_SESSION_CANCELLED', `Session ${id} was cancelled.`, {
    details: { session: id },
  })
}
