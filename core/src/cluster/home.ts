import { setMaxListeners } from 'node:events'
import type { SharedTriggers } from '../bucket/bucket.js'
import type { StoredObject } from '../bucket/stored-object.js'
import type { Clock } from '../clock.js'
import type { ClusterMember, StoreHandle } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { receivedError, sentError } from '../node/sent-error.js'
import { LazyPromise } from '../lazy-promise.js'
import type { LiveSession } from '../session/live-session.js'
import { cancelled } from '../session/sessions.js'
import type { Worker } from '../worker/worker.js'
import { arrivedObject } from './arrived-object.js'
import type { AssistMessage, Grant, Wanted } from './assist-messages.js'
import { Assistance } from './assistance.js'
import { Calls } from './calls.js'
import type {
  ClusterMessage,
  EndAnswer,
  EnterAnswer,
  RunAnswer,
  ToCoordinator,
  ToNode,
  Work,
} from './cluster-messages.js'
import { EnteredPuts } from './entered-puts.js'
import { Lease } from './lease.js'
import { LossWatch } from './loss-watch.js'
import { Luggage, type LuggageParts } from './luggage.js'
import { Members } from './members.js'
import type { Neighbours } from './neighbours.js'
import { RecentNames } from './recent-names.js'
import type { MemberEntry } from './register-values.js'
import type { ClusterSettings } from './settings.js'
import { ShardCaller } from './shard-caller.js'
import { SessionPuts } from './session-puts.js'
import { ShardMap } from './shard-map.js'
import { shardOf } from './rendezvous.js'
import type { SharedApp } from './shard-state.js'
import type { LostObjects } from './unsettled-puts.js'
import type { SentEnd, SentPut, SentReply } from './shared-sessions.js'
import { SharedLink } from './shared-link.js'

export interface HomeParts {
  readonly member: ClusterMember
  readonly settings: ClusterSettings
  /** Never given before, and fit for a key of the register. */
  readonly id: string
  readonly name: string
  /** What else of this member makes and answers calls. */
  readonly neighbours: Neighbours
  readonly worker: Worker
  readonly apps: ReadonlyMap<string, SharedApp>
  /** Functions that may be under way at one time. */
  readonly slots: number
  /** Time that does not jump: for leases. */
  readonly steadyClock: Clock
  readonly luggage: Omit<LuggageParts, 'node'>
  /** What was put from here into the memory of a coordinator is gone with it. */
  readonly onLost: (lost: LostObjects) => void
  /** This node was taken for dead: all that ran here for the cluster was given up. */
  readonly onLeaseLost: (error: StigmergyError) => void
}

/** What was given to this node and has not ended, or nobody knows yet that it has. */
interface WorkHere {
  readonly work: Work
  /** Undefined until it begins. */
  session: LiveSession | undefined
  /** Resolves when it has begun, with all that was put before; or could not. */
  readonly begun: LazyPromise<void>
  readonly puts: EnteredPuts
  /** Whether it is to end as soon as it begins. */
  isAborted: boolean
  /** Resolves when its end is told. */
  readonly told: LazyPromise<void>
}

/** Names of sessions that have ended here, so that none runs twice. */
const maxRemembered = 100_000

/**
 * A node of the cluster: the home of sessions that coordinators give to it. It runs them as its own, tells what became of them, and
 * hands to the holders of shards what concerns triggers that are shared.
 */
export class ClusterHome {
  readonly id: string
  readonly caller: ShardCaller
  readonly coordinators: Members
  readonly map: ShardMap
  readonly sessionPuts: SessionPuts
  readonly #parts: HomeParts
  readonly #calls: Calls<ClusterMessage>
  readonly #lease: Lease
  readonly #luggage: Luggage
  readonly #assistance: Assistance
  readonly #losses: LossWatch
  readonly #work = new Map<string, WorkHere>()
  readonly #over = new RecentNames(maxRemembered)
  /** Aborts when this node may not act for the cluster any more. */
  readonly #end = new AbortController()
  #isLeaving = false

  constructor(parts: HomeParts) {
    const { id, member, settings, steadyClock } = parts
    const { register, transport } = member
    const { leaseMs, retryMs, callMs, maxCalls } = settings
    this.id = id
    setMaxListeners(0, this.#end.signal) // one for each call under way
    this.#parts = parts
    this.#luggage = new Luggage({ ...parts.luggage, node: () => this.id })
    this.#calls = new Calls<ClusterMessage>({
      transport,
      clock: steadyClock,
      address: `node.${this.id}`,
      neighbours: parts.neighbours,
      maxCalls,
      timeoutMs: callMs,
      answer: (message, from) => this.#answer(message as ToNode | AssistMessage, from),
    })
    const common = { register, clock: steadyClock, leaseMs }
    this.#lease = new Lease({
      ...common,
      key: `nodes.${this.id}`,
      entry: () => this.#entry(),
      onLost: (error) => this.#leaseLost(error),
    })
    const onChange = (): void => {
      this.#losses.look()
      this.caller.changed()
    }
    this.coordinators = new Members({ ...common, prefix: 'coordinators', onChange })
    this.map = new ShardMap(register, onChange)
    this.caller = new ShardCaller({
      calls: this.#calls,
      clock: steadyClock,
      coordinators: this.coordinators,
      map: this.map,
      retryMs,
    })
    this.sessionPuts = new SessionPuts({
      ...{ caller: this.caller, luggage: this.#luggage, shards: settings.shards, id },
      signal: this.#end.signal,
    })
    this.#losses = new LossWatch({
      ...{ map: this.map, shards: settings.shards, address: this.#calls.address, onLost: parts.onLost },
    })
    this.#assistance = new Assistance({
      ...{ worker: parts.worker, calls: this.#calls, luggage: this.#luggage, clock: steadyClock },
      ...{ settings, slots: parts.slots },
      findRoom: (wanted) => this.#findRoom(wanted),
    })
  }

  /** Functions that run elsewhere for sessions of this node. */
  get away(): number {
    return this.#assistance.away
  }

  /** Functions that run here for sessions of other nodes. */
  get guests(): number {
    return this.#assistance.guests
  }

  /** Whether it takes work. */
  get mayAct(): boolean {
    return !this.#isLeaving && !this.#end.signal.aborted && this.#lease.isValid
  }

  /** Joins the others, and takes work from now on. Rejects with `STG_CLUSTER_UNAVAILABLE`. */
  async open(): Promise<void> {
    this.#linkBuckets()
    try {
      await this.#calls.open()
      await Promise.all([this.map.open(), this.coordinators.open()])
      await this.#lease.take()
    } catch (error) {
      await this.#stop(asError(error)) // the lease may be taken and the answer lost: others may know of this home
      throw error
    }
  }

  /** Takes no more work; what is here goes on. */
  leave(): void {
    this.#isLeaving = true
    this.#assistance.leave()
  }

  /** Leaves once all ends that there were are told. What has not ended here runs again elsewhere. */
  async close(): Promise<void> {
    this.leave()
    await this.#allTold()
    await this.#lease.release()
    if (!this.#end.signal.aborted) await this.#assistance.tellLeaving()
    await this.#stop(new StigmergyError('STG_CLOSED', 'The node has left the cluster.'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #entry(): MemberEntry {
    const { name, worker, apps, slots } = this.#parts
    return {
      id: this.id,
      name,
      address: this.#calls.address,
      slots,
      running: worker.scheduler.running,
      queued: worker.queued,
      room: this.#assistance.room,
      sessions: this.#work.size,
      apps: this.#isLeaving ? [] : [...apps.keys()],
    }
  }

  #linkBuckets(): void {
    const { apps, worker, settings } = this.#parts
    const parts = {
      caller: this.caller,
      luggage: this.#luggage,
      losses: this.#losses,
      shards: settings.shards,
      signal: this.#end.signal,
    }
    for (const { manifest, triggers } of apps.values())
      for (const bucket of worker.apps.get(manifest.name)!.buckets.values()) {
        const own = triggers.filter((trigger) => trigger.bucket === bucket.name)
        const shared: SharedTriggers = new SharedLink(manifest.name, bucket.name, own, parts)
        bucket.share(shared)
      }
  }

  /** Any coordinator knows all nodes; which one is asked is settled by this node's name, so that all have their share. */
  async #findRoom(wanted: readonly Wanted[]): Promise<readonly Grant[]> {
    const shard = shardOf(this.#parts.settings.shards, 'node', this.id)
    return (await this.caller.call(
      shard,
      ['room', shard, this.id, wanted],
      this.#end.signal,
    )) as readonly Grant[]
  }

  async #answer(message: ToNode | AssistMessage, from: string): Promise<unknown> {
    switch (message[0]) {
      case 'run':
        return this.#run(message[1], message[2])
      case 'enter':
        return this.#enter(message[1])
      case 'abort':
        return this.#abort(message[1])
      case 'running':
        return [...this.#work.values()]
          .filter(({ work }) => work.shard === message[1])
          .map(({ work }) => work.session)
      case 'reclaim':
        return this.#luggage.reclaimAll(message[1])
      case 'status':
        return this.#entry()
      case 'settled':
        return this.#losses.settled(message[1], message[2], message[3])
      case 'assist':
      case 'wanted':
      case 'withdraw':
      case 'said':
      case 'left':
        return this.#assistance.answer(message, from)
    }
  }

  #run(work: Work, puts: readonly SentPut[]): RunAnswer {
    const { session, app, fn } = work
    if (this.#work.has(session)) return 'taken'
    if (this.#over.has(session)) return 'over'
    if (!this.mayAct) throw mayNotAct()
    const { apps, intake } = this.#parts.worker
    if (fn !== undefined) apps.get(app)!.slot(fn) // throws for what is not here
    intake.checkRoom()
    this.#start(work, puts)
    return 'taken'
  }

  #start(work: Work, puts: readonly SentPut[]): void {
    const promises = { begun: new LazyPromise<void>(), told: new LazyPromise<void>() }
    const { worker } = this.#parts
    const entered = new EnteredPuts({ worker, luggage: this.#luggage, signal: this.#end.signal })
    const here: WorkHere = { work, session: undefined, isAborted: false, puts: entered, ...promises }
    this.#work.set(work.session, here)
    void this.#begin(here, puts)
  }

  /** What cannot begin has failed. */
  async #begin(here: WorkHere, puts: readonly SentPut[]): Promise<void> {
    const { work } = here
    const handles: StoreHandle[] = []
    let session: LiveSession
    try {
      for (const { value, ref } of work.objects)
        handles.push(await this.#luggage.unpack(value, ref.bytes, this.#end.signal))
      await this.#parts.worker.intake.untilRoom()
      this.#end.signal.throwIfAborted()
      session = this.#adopt(work, handles)
    } catch (error) {
      for (const handle of handles) this.#parts.luggage.store.release(handle)
      here.begun.resolve()
      return this.#tellEnd(here, { outcome: 'failed', error: sentError(error) })
    }
    here.session = session
    if (here.isAborted) this.#abort(session.id)
    if (puts.length > 0) await this.#putAgain(here, session, puts)
    here.begun.resolve()
    await this.#follow(here, session)
  }

  /** What was put before, in the same order, before anything can end the session. */
  async #putAgain(here: WorkHere, session: LiveSession, puts: readonly SentPut[]): Promise<void> {
    const { sessions, ending } = this.#parts.worker
    sessions.occupy(session)
    for (const put of puts) {
      const answer = await here.puts.enter(session, put)
      if (typeof answer === 'object') ending.fail(session, receivedError(answer.refused))
    }
    sessions.rest(session)
  }

  /** The objects take the handles over. */
  #adopt(work: Work, handles: readonly StoreHandle[]): LiveSession {
    const { worker, luggage } = this.#parts
    const { session: id, parents, app, fn, objects, deadlineAt, firing } = work
    const slot = fn === undefined ? undefined : worker.apps.get(app)!.slot(fn)
    const deadlineMs = deadlineAt === undefined ? undefined : Math.max(1, deadlineAt - worker.clock.now())
    const make = (): readonly StoredObject[] =>
      objects.map(({ ref }, at) => arrivedObject(ref, app, luggage.store, handles[at]!))
    return worker.intake.adopt(slot, { id, parents, deadlineMs }, make, firing)
  }

  async #enter(put: SentPut): Promise<EnterAnswer> {
    const here = this.#work.get(put.session)
    if (here === undefined) return 'absent'
    await here.begun.promise
    return here.session === undefined ? 'late' : here.puts.enter(here.session, put)
  }

  async #follow(here: WorkHere, session: LiveSession): Promise<void> {
    if (here.work.firing === undefined) await this.#tellReply(here.work, session)
    const { outcome, error } = await session.ended.promise
    await this.#tellEnd(here, error === undefined ? { outcome } : { outcome, error: sentError(error) })
  }

  /** That there is none the end says, if it counts. */
  async #tellReply({ shard, session: id }: Work, session: LiveSession): Promise<void> {
    let reply: SentReply
    try {
      const value = await session.reply.promise
      if (!session.hasReplied) return
      reply = { value: await this.#luggage.packValue(value) }
    } catch (error) {
      reply = { error: sentError(error) }
    }
    await this.#report(shard, ['replied', shard, id, reply])
  }

  /** The end that a holder of the shard has recorded counts. Until then, more may have been put than this life of the session has seen. */
  async #tellEnd(here: WorkHere, end: SentEnd): Promise<void> {
    const { work, told } = here
    const { session } = work
    const answer = await this.#report(work.shard, endMessage(work, end, this.id, here.puts.seen))
    if (this.#work.get(session) !== here) return
    this.#work.delete(session)
    told.resolve()
    if (typeof answer === 'object') return this.#start(work, answer.again)
    if (answer !== 'elsewhere') this.#over.add(session)
  }

  /** Waits for no longer than a lease: others who wait would take this node for dead by then. */
  async #allTold(): Promise<void> {
    const { steadyClock, settings } = this.#parts
    const over = [...this.#work.values()].filter(({ session }) => session?.ended.settled === true)
    const untold = over.map(({ told }) => told.promise)
    await new Promise<void>((resolve) => {
      const timer = steadyClock.setTimer(steadyClock.now() + settings.leaseMs, resolve)
      void Promise.all(untold).then(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** Until somebody has taken it, or this node may not act any more. */
  async #report(shard: number, message: ToCoordinator): Promise<EndAnswer | undefined> {
    const { signal } = this.#end
    if (signal.aborted) return undefined
    try {
      return (await this.caller.call(shard, message, signal)) as EndAnswer | undefined
    } catch (error) {
      if (!signal.aborted) process.emitWarning(asError(error))
      return undefined
    }
  }

  #abort(id: string): void {
    const here = this.#work.get(id)
    if (here === undefined) return
    here.isAborted = true
    if (here.session !== undefined) this.#parts.worker.ending.stop(here.session, cancelled(id, undefined))
  }

  #leaseLost(error: StigmergyError): void {
    void this.#stop(error)
    this.#parts.onLeaseLost(error)
  }

  /** What runs here for the cluster has no effect any more: others run it again. */
  async #stop(error: Error): Promise<void> {
    this.#end.abort(error)
    this.#lease.abandon()
    this.caller.close()
    this.#assistance.close(error)
    for (const { session } of [...this.#work.values()])
      if (session !== undefined) this.#parts.worker.ending.stop(session, cancelled(session.id, error))
    this.#work.clear()
    await Promise.all([this.coordinators.close(), this.map.close()])
    await this.#calls.close()
  }
}

function endMessage(
  { shard, session, app, firing }: Work,
  end: SentEnd,
  node: string,
  seen: readonly string[],
): ToCoordinator {
  if (firing === undefined) return ['ended', shard, session, end, node, seen]
  return ['done', shard, session, app, firing.bucket, firing.id, end.outcome, node]
}

function mayNotAct(): StigmergyError {
  return new StigmergyError('STG_WORKER_BUSY', 'This node is about to join the cluster, or to leave it.', {
    retryable: true,
  })
}
