import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { ClusterMember, Outcome } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { sentError } from '../node/sent-error.js'
import { Calls } from './calls.js'
import type { AwaitAnswer, ClusterMessage, DoneMessage, ToCoordinator, Work } from './cluster-messages.js'
import { Dispatcher } from './dispatcher.js'
import type { FiringOrder } from './firing-order.js'
import { HeldShard } from './held-shard.js'
import { Lease } from './lease.js'
import { Members } from './members.js'
import type { NodePlacement } from './node-placement.js'
import { Reclaimer } from './reclaimer.js'
import type { MemberEntry } from './register-values.js'
import type { ClusterSettings } from './settings.js'
import type { Decision, SharedBucket } from './shared-bucket.js'
import type { SentRequest, SharedSession } from './shared-sessions.js'
import { ShardKeeper } from './shard-keeper.js'
import { moved } from './shard-log.js'
import { ShardMap } from './shard-map.js'
import type { ShardEntry, SharedApp } from './shard-state.js'
import { Waiters } from './waiters.js'

/** What happens in a coordinator, for those who watch it. */
export type CoordinatorEvent =
  | { readonly type: 'shard-gained' | 'shard-lost'; readonly shard: number; readonly epoch: number }
  | { readonly type: 'decided'; readonly shard: number; readonly decision: Decision }
  | { readonly type: 'lease-lost'; readonly error: Error }

export interface CoordinatorParts {
  readonly member: ClusterMember
  readonly settings: ClusterSettings
  readonly name: string
  readonly apps: ReadonlyMap<string, SharedApp>
  /** The time that triggers see. */
  readonly clock: Clock
  /** Time that does not jump: for leases. */
  readonly steadyClock: Clock
  readonly placement: NodePlacement
  readonly onEvent: (event: CoordinatorEvent) => void
}

/**
 * One coordinator: holds its share of the shards, has what they decide carried out by the nodes, and answers nodes and clients.
 * Nothing that it does outlasts its lease.
 */
export class Coordinator {
  readonly id: string
  readonly #parts: CoordinatorParts
  readonly #calls: Calls<ClusterMessage>
  readonly #lease: Lease
  readonly #coordinators: Members
  readonly #nodes: Members
  readonly #map: ShardMap
  readonly #keeper: ShardKeeper
  readonly #dispatcher: Dispatcher
  readonly #reclaimer: Reclaimer
  readonly #waiters: Waiters
  readonly #shards = new Map<number, HeldShard>()
  #isOver = false

  constructor(parts: CoordinatorParts) {
    const { member, settings, name, steadyClock, placement } = parts
    const { register, transport } = member
    const { leaseMs, retryMs, callMs, maxCalls } = settings
    this.id = `${name}-${randomBytes(6).toString('hex')}`
    this.#parts = parts
    this.#calls = new Calls<ClusterMessage>({
      transport,
      clock: steadyClock,
      address: `coordinator.${this.id}`,
      maxCalls,
      timeoutMs: callMs,
      answer: (message) => this.#answer(message as ToCoordinator),
    })
    const common = { register, clock: steadyClock, leaseMs }
    this.#lease = new Lease({
      ...common,
      key: `coordinators.${this.id}`,
      entry: () => this.#entry(),
      onLost: (error) => this.#leaseLost(error),
    })
    this.#coordinators = new Members({
      ...common,
      prefix: 'coordinators',
      onChange: () => void this.#keeper.balance(),
    })
    this.#nodes = new Members({ ...common, prefix: 'nodes', onChange: () => this.#nodesChanged() })
    this.#map = new ShardMap(register, () => void this.#keeper.balance())
    this.#keeper = new ShardKeeper({
      ...common,
      id: this.id,
      shards: settings.shards,
      lease: this.#lease,
      coordinators: this.#coordinators,
      map: this.#map,
      onGained: (shard, epoch) => void this.#gained(shard, epoch),
      onLeaving: (shard) => this.#leaving(shard),
      onLost: (shard) => this.#lost(shard),
    })
    const mayAct = (): boolean => this.#mayAct
    this.#dispatcher = new Dispatcher({
      calls: this.#calls,
      clock: steadyClock,
      nodes: this.#nodes,
      placement,
      retryMs,
      mayAct,
      onOver: (work, outcome) => this.#over(work, outcome),
    })
    this.#reclaimer = new Reclaimer(this.#calls, this.#nodes)
    this.#waiters = new Waiters(steadyClock, callMs / 2)
  }

  /** Joins the others. Rejects with `STG_CLUSTER_UNAVAILABLE`. */
  async open(): Promise<void> {
    await this.#calls.open()
    await Promise.all([this.#map.open(), this.#coordinators.open(), this.#nodes.open()])
    await this.#lease.take()
    await this.#keeper.balance()
  }

  /** The shards that it holds and answers for, with their epochs. */
  get shards(): ReadonlyMap<number, number> {
    return new Map(
      [...this.#shards.values()].filter(({ state }) => state).map(({ shard, epoch }) => [shard, epoch]),
    )
  }

  /** Gives its shards to the others, and leaves. */
  async close(): Promise<void> {
    await this.#keeper.close()
    await this.#lease.release()
    await this.#stop()
  }

  get #mayAct(): boolean {
    return !this.#isOver && this.#lease.isValid
  }

  #entry(): MemberEntry {
    const { name, apps } = this.#parts
    return {
      id: this.id,
      name,
      address: this.#calls.address,
      slots: 0,
      running: 0,
      queued: this.#dispatcher.size,
      sessions: this.#shards.size,
      apps: [...apps.keys()],
    }
  }

  #leaseLost(error: StigmergyError): void {
    this.#parts.onEvent({ type: 'lease-lost', error })
    void this.#stop()
  }

  async #stop(): Promise<void> {
    this.#isOver = true
    this.#lease.abandon()
    for (const shard of [...this.#shards.keys()]) this.#lost(shard)
    this.#dispatcher.close()
    this.#waiters.close()
    await Promise.all([this.#coordinators.close(), this.#nodes.close(), this.#map.close()])
    await this.#calls.close()
  }

  async #gained(number: number, epoch: number): Promise<void> {
    const { member, settings, apps, clock } = this.#parts
    const { maxSessionsPerShard, maxWaiting, snapshotEvery, tombstoneMs, retryMs } = settings
    const shard = new HeldShard({
      shard: number,
      epoch,
      journal: member.journal,
      apps,
      clock,
      maxSessions: maxSessionsPerShard,
      maxWaiting,
      snapshotEvery,
      tombstoneMs,
      retryMs,
      mayAct: () => this.#mayAct,
      isDurable: (app, bucket) => this.#isDurable(app, bucket),
      onApplied: (entry, decisions) => this.#applied(shard, entry, decisions),
      onForgotten: (sessions) => {
        for (const { reply } of sessions)
          if (reply !== undefined && 'value' in reply) this.#reclaimer.free(reply.value)
      },
      onFenced: () => this.#lost(number),
    })
    this.#shards.get(number)?.drop()
    this.#shards.set(number, shard)
    try {
      await shard.open()
      await this.#takeUp(shard)
      this.#parts.onEvent({ type: 'shard-gained', shard: number, epoch })
    } catch (error) {
      if (!StigmergyError.is(error)) process.emitWarning(asError(error))
      if (this.#shards.get(number) === shard) this.#lost(number) // to be taken again
    }
  }

  /** Whatever is under way in the shard: some of it runs on nodes already, the rest is to be run. */
  async #takeUp(shard: HeldShard): Promise<void> {
    const work = [...this.#workOf(shard)]
    if (work.length === 0) return
    const running = await this.#askNodes(shard.shard)
    if (this.#shards.get(shard.shard) !== shard) return
    for (const each of work) {
      const node = running.get(each.session)
      if (node === undefined) this.#dispatcher.add(each)
      else this.#dispatcher.adopt(each, node)
    }
  }

  async #askNodes(shard: number): Promise<ReadonlyMap<string, string>> {
    const running = new Map<string, string>()
    const ask = async ([id, { address }]: readonly [string, MemberEntry]): Promise<void> => {
      try {
        const sessions = (await this.#calls.call(address, ['running', shard])) as readonly string[]
        for (const session of sessions) running.set(session, id)
      } catch (error) {
        if (!StigmergyError.is(error)) throw error // a node that does not answer is about to be dead
      }
    }
    await Promise.all([...this.#nodes.live].map(ask))
    return running
  }

  *#workOf(shard: HeldShard): Generator<Work, void, undefined> {
    for (const { request, cancelled } of shard.state!.sessions.open())
      if (!cancelled) yield requestWork(request, shard.shard)
    for (const bucket of shard.state!.buckets)
      for (const order of bucket.orders)
        if (bucket.mayRun(order.id)) yield firingWork(order, bucket, shard.shard)
  }

  async #leaving(number: number): Promise<void> {
    await this.#shards.get(number)?.close()
    this.#lost(number)
  }

  #lost(number: number): void {
    const shard = this.#shards.get(number)
    if (shard === undefined) return
    this.#shards.delete(number)
    shard.drop()
    if (shard.state !== undefined)
      for (const work of this.#workOf(shard)) this.#dispatcher.remove(work.session)
    this.#waiters.moved(number)
    this.#keeper.held.delete(number)
    this.#parts.onEvent({ type: 'shard-lost', shard: number, epoch: shard.epoch })
    void this.#keeper.balance()
  }

  #nodesChanged(): void {
    for (const { entry, revision } of this.#nodes.silent)
      this.#parts.member.register.delete(`nodes.${entry.id}`, revision).catch(() => undefined) // looked at again
    this.#dispatcher.nodesChanged()
  }

  #isDurable(app: string, bucket: string): boolean {
    const declared = this.#parts.apps.get(app)?.manifest.buckets.get(bucket)?.options.durability
    return (declared ?? this.#parts.settings.durability) === 'journal'
  }

  /** An entry has happened: what follows from it is done. */
  #applied(shard: HeldShard, entry: ShardEntry, decisions: readonly Decision[]): void {
    const state = shard.state!
    if (entry[0] === 'request') this.#startRequest(state.sessions.find(entry[2].session), shard.shard)
    if (entry[0] === 'cancel') this.#dispatcher.abort(entry[2])
    if (entry[0] === 'ended') this.#dispatcher.remove(entry[2])
    if (entry[0] === 'replied' || entry[0] === 'ended') this.#waiters.wake(entry[2])
    for (const decision of decisions) {
      this.#parts.onEvent({ type: 'decided', shard: shard.shard, decision })
      this.#carryOut(shard, entry, decision)
    }
  }

  #startRequest(session: SharedSession | undefined, shard: number): void {
    if (session === undefined || session.end !== undefined) return
    this.#dispatcher.add(requestWork(session.request, shard))
  }

  #carryOut(shard: HeldShard, entry: ShardEntry, decision: Decision): void {
    if (decision.kind === 'free') return this.#reclaimer.free(decision.value)
    if (decision.kind === 'fire') {
      const { app, bucket } = decision.order
      this.#dispatcher.add(firingWork(decision.order, shard.state!.bucket(app, bucket), shard.shard))
    }
    if (decision.kind === 'cancel') this.#dispatcher.abort(decision.session)
  }

  /** Work has ended without a node that tells so. */
  #over({ shard: number, session, app, firing }: Work, outcome: Outcome): void {
    const shard = this.#shards.get(number)
    if (shard === undefined) return
    const error = outcome === 'cancelled' ? { error: sentError(wasCancelled(session)) } : {}
    const entry: ShardEntry =
      firing === undefined
        ? ['ended', shard.now(), session, { outcome, ...error }]
        : ['done', shard.now(), app, firing.bucket, firing.id, outcome]
    this.#dispatcher.remove(session)
    shard.propose(entry).catch(() => undefined) // the next holder finds it open and asks the nodes
  }

  async #answer(message: ToCoordinator): Promise<unknown> {
    const shard = this.#shards.get(message[1])
    if (shard?.state === undefined) throw moved(`shard.${message[1]}`)
    const now = shard.now()
    switch (message[0]) {
      case 'request':
        await shard.propose(['request', now, message[2]])
        return undefined
      case 'await':
        return this.#await(shard, message[2], message[3])
      case 'cancel':
        return this.#cancel(shard, message[2])
      case 'replied':
        return shard.propose(['replied', now, message[2], message[3]])
      case 'ended':
        if (this.#isFromOther(message[2], message[4])) return false
        return shard.propose(['ended', now, message[2], message[3]])
      case 'put':
        return shard.propose(['put', now, message[2], message[3], message[4]])
      case 'tell':
        return shard.propose(['tell', now, message[2], message[3], message[4]])
      case 'drop':
        return shard.propose(['drop', now, message[2], message[3], message[4]])
      case 'operate':
        return shard.propose(['operate', now, message[2], message[3], message[4]])
      case 'done':
        return this.#done(shard, message)
    }
  }

  /** A node that was taken for dead speaks of a session that runs elsewhere by now. */
  #isFromOther(session: string, node: string): boolean {
    const assigned = this.#dispatcher.nodeOf(session)
    return assigned !== undefined && assigned !== node
  }

  async #done(shard: HeldShard, message: DoneMessage): Promise<boolean> {
    const [, , session, app, bucket, firing, outcome, node] = message
    if (this.#isFromOther(session, node)) return false
    await shard.propose(['done', shard.now(), app, bucket, firing, outcome])
    this.#dispatcher.remove(session)
    return true
  }

  async #cancel(shard: HeldShard, id: string): Promise<void> {
    await shard.propose(['cancel', shard.now(), id])
    const session = shard.state?.sessions.find(id)
    if (session === undefined) throw unknownSession(id)
  }

  async #await(shard: HeldShard, id: string, what: 'reply' | 'end'): Promise<AwaitAnswer> {
    const session = shard.state!.sessions.find(id)
    if (session === undefined) throw unknownSession(id)
    if (!isKnown(session, what)) await this.#waiters.wait(shard.shard, id, () => isKnown(session, what))
    const { reply, end } = session
    return { ...(reply === undefined ? {} : { reply }), ...(end === undefined ? {} : { end }) }
  }
}

function isKnown({ reply, end }: SharedSession, what: 'reply' | 'end'): boolean {
  return end !== undefined || (what === 'reply' && reply !== undefined)
}

function requestWork({ session, app, fn, args, bytes, deadlineAt, at }: SentRequest, shard: number): Work {
  const producer = { fn: '', invocation: session, attempt: 1 }
  const ref = { bucket: '~request', session, key: 'request', seq: 0, at, bytes, hops: 0, producer }
  return {
    session,
    parents: [],
    app,
    fn,
    objects: [{ ref, value: args }],
    deadlineAt,
    shard,
    firing: undefined,
  }
}

function firingWork(order: FiringOrder, bucket: SharedBucket, shard: number): Work {
  const { id, app, fn, session, parents, trigger, tag, firing: about } = order
  const objects = bucket.objectsOf(order).map(({ ref, value }) => ({ ref, value }))
  const firing = { id, bucket: bucket.name, trigger, tag, about }
  return { session, parents, app, fn, objects, deadlineAt: undefined, shard, firing }
}

function wasCancelled(id: string): StigmergyError {
  return new StigmergyError('STG_SESSION_CANCELLED', `Session ${id} was cancelled.`, {
    details: { session: id },
  })
}

function unknownSession(id: string): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_UNKNOWN',
    `No session ${JSON.stringify(id)} is known to the cluster.`,
    {
      details: { session: id },
    },
  )
}
