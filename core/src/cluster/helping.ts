import type { Clock, Timer } from '../clock.js'
import { asError } from '../error-info.js'
import { receivedError, type SentError } from '../node/sent-error.js'
import { LiveSession } from '../session/live-session.js'
import { Invocation } from '../worker/invocation.js'
import type { Worker } from '../worker/worker.js'
import { arrivedObject } from './arrived-object.js'
import type { SentRun } from './assist-messages.js'
import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import { HelpedRun, type HelpedRunHost } from './helped-run.js'
import { lostHelper } from './helper-errors.js'
import type { Luggage } from './luggage.js'
import { RecentNames } from './recent-names.js'

export interface HelpingOptions {
  readonly worker: Worker
  readonly calls: Calls<ClusterMessage>
  readonly luggage: Luggage
  /** One that does not jump. */
  readonly clock: Clock
  readonly leaseMs: number
  readonly retryMs: number
  /** Functions that this node may have under way. */
  readonly slots: number
}

/** What runs here for one home. */
interface Helped {
  readonly runs: Map<number, HelpedRun>
  heardAt: number
}

/** So many runs for others each worker of this node takes at a time; without workers the slots alone count. */
const perWorker = 16
/** Runs that have ended here, so that a late copy of an order starts nothing. */
const maxRemembered = 10_000

/** Runs functions for the homes of other sessions, while there is room, and while they are known to live. */
export class Helping implements HelpedRunHost {
  readonly calls: Calls<ClusterMessage>
  readonly luggage: Luggage
  readonly clock: Clock
  readonly retryMs: number
  readonly #options: HelpingOptions
  readonly #homes = new Map<string, Helped>()
  readonly #ended = new RecentNames(maxRemembered)
  /** Those that have not begun; whoever looks removes those that have. */
  readonly #unbegun = new Set<HelpedRun>()
  #timer: Timer | undefined
  #size = 0
  #isLeaving = false

  constructor(options: HelpingOptions) {
    const { calls, luggage, clock, retryMs } = options
    this.calls = calls
    this.luggage = luggage
    this.clock = clock
    this.retryMs = retryMs
    this.#options = options
  }

  get store(): Worker['store'] {
    return this.#options.worker.store
  }

  /** Functions that run here for others. */
  get size(): number {
    return this.#size
  }

  /** More runs that this node takes for others. Its own come first. */
  get room(): number {
    const { worker, slots } = this.#options
    const { scheduler, elsewhere } = worker
    if (this.#isLeaving || scheduler.line.size > 0) return 0
    const arriving = this.#waiting().filter(({ invocation }) => invocation === undefined).length
    const free = slots - scheduler.running - scheduler.queued - arriving
    if (elsewhere === undefined) return Math.max(0, free)
    return elsewhere.hasRoom ? Math.max(0, Math.min(free, perWorker * elsewhere.workers - this.#size)) : 0
  }

  /** Begins what there is room for; the numbers of the others. */
  assist(from: string, runs: readonly SentRun[]): readonly number[] {
    const home = this.#homes.get(from) ?? { runs: new Map<number, HelpedRun>(), heardAt: 0 }
    home.heardAt = this.clock.now()
    const refused: number[] = []
    for (const order of runs) {
      if (home.runs.has(order.run)) continue
      if (!this.#ended.has(nameOf(from, order.run)) && this.#hasRoomFor(order)) this.#take(home, from, order)
      else refused.push(order.run)
    }
    if (home.runs.size > 0) this.#homes.set(from, home)
    this.#watch()
    return refused
  }

  /** The home lives, and wants these of its runs up to a number. Those of them that do not run here, such as what was given up meanwhile. */
  wanted(from: string, upTo: number, runs: readonly number[]): readonly number[] {
    const home = this.#homes.get(from)
    if (home === undefined) return runs
    home.heardAt = this.clock.now()
    const wanted = new Set(runs)
    for (const [id, run] of [...home.runs])
      if (id <= upTo && !wanted.has(id)) this.#give(run, lostHelper(this.calls.address))
    return runs.filter((id) => !home.runs.has(id))
  }

  withdraw(from: string, id: number, reason: SentError | undefined): void {
    const run = this.#homes.get(from)?.runs.get(id)
    if (run !== undefined) this.#give(run, reason === undefined ? undefined : receivedError(reason))
  }

  /** Takes nothing more. */
  leave(): void {
    this.#isLeaving = true
  }

  /** Tells the homes that nothing more comes, as far as they can be reached. */
  async tellLeaving(): Promise<void> {
    await Promise.all([...this.#homes.keys()].map((home) => this.calls.call(home, ['left']).catch(() => 0)))
  }

  /** What runs here for others has no effect any more. */
  close(error: Error): void {
    this.#isLeaving = true
    this.#timer?.cancel()
    for (const { runs } of [...this.#homes.values()])
      for (const run of [...runs.values()]) this.#give(run, error)
  }

  over(run: HelpedRun): void {
    run.isOver = true
    const home = this.#homes.get(run.home)
    if (home?.runs.delete(run.order.run) !== true) return
    this.#size -= 1
    this.#ended.add(nameOf(run.home, run.order.run))
    if (home.runs.size === 0) this.#homes.delete(run.home)
  }

  inVain(run: HelpedRun): void {
    this.#give(run, undefined)
  }

  #hasRoomFor({ app, fn }: SentRun): boolean {
    const slot = this.#options.worker.apps.get(app)?.functions.get(fn)
    if (slot === undefined || slot.isHomebound || this.room === 0) return false
    const waiting = this.#waiting().filter(({ order }) => order.app === app && order.fn === fn).length
    return slot.running + waiting < slot.concurrency && slot.waiting.size === 0
  }

  #waiting(): readonly HelpedRun[] {
    for (const run of this.#unbegun)
      if (run.isOver || (run.invocation?.phase ?? 'queued') !== 'queued') this.#unbegun.delete(run)
    return [...this.#unbegun]
  }

  #take(home: Helped, from: string, order: SentRun): void {
    const run = new HelpedRun(from, order, this)
    home.runs.set(order.run, run)
    this.#unbegun.add(run)
    this.#size += 1
    void this.#begin(run)
  }

  async #begin(run: HelpedRun): Promise<void> {
    try {
      await this.#fetch(run)
    } catch (error) {
      if (!run.isOver) void run.end(lostHelper(this.calls.address, asError(error)))
      return
    }
    if (run.isOver) return run.release()
    this.#run(run)
  }

  async #fetch(run: HelpedRun): Promise<void> {
    const { app, objects } = run.order
    for (const { ref, value } of objects) {
      const handle = await this.luggage.unpack(value, ref.bytes)
      run.objects = [...run.objects, arrivedObject(ref, app, this.store, handle)]
    }
  }

  #run(run: HelpedRun): void {
    const { worker } = this.#options
    const { app, fn, session, invocation: id, attempt, trigger, firing: about } = run.order
    const slot = worker.apps.get(app)!.slot(fn)
    const home = new LiveSession(session, [], false)
    const order = { id, bucket: undefined, trigger, tag: undefined, about }
    const invocation = new Invocation(slot, home, run.objects, undefined, undefined, order)
    invocation.attempt = attempt - 1
    invocation.guest = run
    run.invocation = invocation
    worker.scheduler.enqueueGuest(invocation)
  }

  /** Gives a run up, without a word to its home. */
  #give(run: HelpedRun, reason: Error | undefined): void {
    if (run.isOver) return
    this.over(run)
    if (run.invocation !== undefined) this.#options.worker.executor.abandon(run.invocation, reason)
    run.release()
  }

  /** A home that is silent has given its runs to others, or is gone. */
  #watch(): void {
    const { leaseMs } = this.#options
    if (this.#homes.size === 0) return
    this.#timer ??= this.clock.setTimer(this.clock.now() + leaseMs / 4, () => {
      this.#timer = undefined
      for (const [address, { runs, heardAt }] of [...this.#homes])
        if (this.clock.now() - heardAt > leaseMs)
          for (const run of [...runs.values()]) this.#give(run, lostHelper(address))
      this.#watch()
    })
  }
}

function nameOf(home: string, run: number): string {
  return `${home}/${run}`
}
