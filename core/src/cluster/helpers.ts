import type { Clock, Timer } from '../clock.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { sentFiring } from '../node/order.js'
import { sentRefusal } from '../node/sent-error.js'
import type { Attempt } from '../worker/attempt.js'
import type { Invocation } from '../worker/invocation.js'
import type { Worker } from '../worker/worker.js'
import type { Grant, Said, SaidAnswer, SentRun } from './assist-messages.js'
import { AwayRun, type AwayRunHost } from './away-run.js'
import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import { lostHelper } from './helper-errors.js'
import type { Luggage } from './luggage.js'
import { plainRef } from './shared-link.js'

export interface HelpersOptions {
  readonly worker: Worker
  readonly calls: Calls<ClusterMessage>
  readonly luggage: Luggage
  /** One that does not jump. */
  readonly clock: Clock
  readonly leaseMs: number
  readonly retryMs: number
  /** Some node may be given more. */
  readonly roomMade: () => void
}

/** A node that runs functions for this one. */
interface Helper {
  readonly address: string
  readonly apps: readonly string[]
  readonly runs: Map<number, AwayRun>
  /** Runs that it may be given at a time. */
  slots: number
  /** When the last message was sent that it has answered. */
  heardAt: number
  /** Whether it was granted or given anything since it was looked at the last time. */
  isUsed: boolean
}

/** A home asks so often in the time of a lease whether a helper lives, and lets go of room that it has not used since. */
const asksPerLease = 3
/** A home waits this much longer than a lease: a helper that hears nothing has stopped by then. */
const patience = 1.25
/** Bytes of a run besides its values. */
const runOverhead = 1_024

/**
 * The nodes that run functions for the home of a session. A home and each of its helpers make sure of each other, for as long as
 * something runs there: of a helper that is silent the functions run again, elsewhere or here.
 */
export class Helpers implements AwayRunHost {
  readonly luggage: Luggage
  readonly #options: HelpersOptions
  readonly #helpers = new Map<string, Helper>()
  readonly #whereabouts = new Map<number, Helper>()
  /** What cannot travel, and what fits into no message. */
  readonly #staying = new WeakSet<Invocation>()
  #runs = 0
  #timer: Timer | undefined

  constructor(options: HelpersOptions) {
    this.#options = options
    this.luggage = options.luggage
  }

  /** Functions that run elsewhere for sessions of this node. */
  get size(): number {
    return this.#whereabouts.size
  }

  mayTravel(invocation: Invocation): boolean {
    return invocation.phase === 'queued' && !this.#staying.has(invocation)
  }

  /** More runs that the known helpers may be given now. */
  get spare(): number {
    let spare = 0
    for (const { slots, runs } of this.#helpers.values()) spare += Math.max(0, slots - runs.size)
    return spare
  }

  granted({ address, apps, count }: Grant): void {
    const known = this.#helpers.get(address)
    if (known !== undefined) {
      known.slots = known.runs.size + count
      known.isUsed = true
    } else
      this.#helpers.set(address, {
        ...{ address, apps, runs: new Map(), slots: count, heardAt: this.#options.clock.now(), isUsed: true },
      })
    this.#watch()
  }

  /** Has as many of them run elsewhere as there is room for, in turns: a message for each node. Those that go. */
  give(invocations: readonly Invocation[]): ReadonlySet<Invocation> {
    const perHelper = new Map<Helper, SentRun[]>()
    const going = new Set<Invocation>()
    const turns = [...this.#helpers.values()]
    for (const invocation of invocations) {
      if (!this.mayTravel(invocation)) continue
      const at = turns.findIndex((each) => each.runs.size < each.slots && each.apps.includes(invocation.app))
      const helper = turns[at]
      const run = helper === undefined ? undefined : this.#begin(invocation, helper)
      if (helper === undefined || run === undefined) continue
      turns.push(...turns.splice(at, 1))
      going.add(invocation)
      const own = perHelper.get(helper)
      if (own === undefined) perHelper.set(helper, [run])
      else own.push(run)
    }
    for (const [helper, runs] of perHelper)
      for (const batch of this.#batches(runs)) void this.#send(helper, batch)
    return going
  }

  /** A helper says something of a run. */
  async said(from: string, id: number, n: number, unanswered: number, said: Said): Promise<SaidAnswer> {
    const helper = this.#helpers.get(from)
    const run = helper?.runs.get(id)
    if (helper === undefined || run === undefined) return 'over'
    return run.hear(n, unanswered, said)
  }

  /** A helper has left the cluster. */
  left(from: string): void {
    const helper = this.#helpers.get(from)
    if (helper !== undefined) this.#lose(helper)
  }

  /** This node may not act any more. */
  close(): void {
    this.#timer?.cancel()
    this.#helpers.clear()
    this.#whereabouts.clear()
  }

  taken(run: AwayRun): void {
    if (run.isTaken) return
    run.isTaken = true
    this.#options.worker.executor.taken(run.attempt)
  }

  ended(run: AwayRun, error: Error | undefined): void {
    if (!this.#forget(run)) return
    const { executor } = this.#options.worker
    if (error === undefined) executor.attemptEnded(run.attempt)
    else executor.attemptFailed(run.attempt, error)
    this.#options.roomMade()
  }

  withdrawn(run: AwayRun, reason: unknown): void {
    const helper = this.#whereabouts.get(run.id)
    if (helper === undefined || !this.#forget(run)) return
    const sent = reason === undefined ? undefined : sentRefusal(reason)
    this.#options.calls.call(helper.address, ['withdraw', run.id, sent]).catch(() => undefined) // what is wanted is told again and again
    this.#options.roomMade()
  }

  /** Undefined for what cannot travel. */
  #begin(invocation: Invocation, helper: Helper): SentRun | undefined {
    const { worker } = this.#options
    let objects: SentRun['objects']
    try {
      objects = invocation.objects.map((object) => ({
        ref: plainRef(object),
        value: this.luggage.pack(object.handle, object.bytes),
      }))
    } catch {
      this.#staying.add(invocation) // at home it needs not travel
      return undefined
    }
    if (bytesOf(objects) > this.#mostBytes) {
      this.#staying.add(invocation)
      return undefined
    }
    const attempt = worker.executor.beginAway(invocation)
    this.#runs += 1
    const order = this.#orderOf(attempt, objects)
    const run = new AwayRun(attempt, order, this)
    attempt.farSide = run
    helper.runs.set(run.id, run)
    helper.isUsed = true
    this.#whereabouts.set(run.id, helper)
    return order
  }

  #orderOf(
    { invocation, attempt }: Pick<Attempt, 'invocation' | 'attempt'>,
    objects: SentRun['objects'],
  ): SentRun {
    const { app, fn, session, id, trigger, record, order } = invocation
    const firing = record === undefined ? order?.about : sentFiring(record.firing)
    return { run: this.#runs, app, fn, session, invocation: id, attempt, objects, trigger, firing }
  }

  get #mostBytes(): number {
    return this.#options.calls.maxFrameBytes / 2
  }

  *#batches(runs: readonly SentRun[]): Generator<readonly SentRun[], void, undefined> {
    let batch: SentRun[] = []
    let bytes = 0
    for (const run of runs) {
      const own = bytesOf(run.objects)
      if (batch.length > 0 && bytes + own > this.#mostBytes) {
        yield batch
        batch = []
        bytes = 0
      }
      batch.push(run)
      bytes += own
    }
    yield batch
  }

  /** Until it has answered, or is lost. */
  async #send(helper: Helper, runs: readonly SentRun[]): Promise<void> {
    const { calls, clock, retryMs } = this.#options
    for (;;) {
      const sentAt = clock.now()
      const wanted = runs.filter(({ run }) => helper.runs.has(run))
      if (wanted.length === 0) return
      try {
        const refused = (await calls.call(helper.address, ['assist', wanted])) as readonly number[]
        helper.heardAt = Math.max(helper.heardAt, sentAt)
        return this.#answered(helper, wanted, new Set(refused))
      } catch (error) {
        if (!StigmergyError.is(error) || !error.retryable) return this.#notSent(helper, wanted, error)
      }
      await new Promise<void>((resolve) => clock.setTimer(clock.now() + retryMs, resolve))
    }
  }

  #answered(helper: Helper, runs: readonly SentRun[], refused: ReadonlySet<number>): void {
    for (const { run: id } of runs) {
      const run = helper.runs.get(id)
      if (run === undefined) continue
      if (refused.has(id) && !run.isTaken) this.#takeBack(run)
      else this.taken(run)
    }
    if (refused.size > 0) helper.slots = helper.runs.size
  }

  #notSent(helper: Helper, runs: readonly SentRun[], error: unknown): void {
    process.emitWarning(asError(error))
    helper.slots = 0
    for (const { run: id } of runs) {
      const run = helper.runs.get(id)
      if (run === undefined) continue
      this.#staying.add(run.attempt.invocation)
      this.#takeBack(run)
    }
  }

  #takeBack(run: AwayRun): void {
    if (this.#forget(run)) this.#options.worker.executor.takeBack(run.attempt)
  }

  /** Whether it was known. */
  #forget(run: AwayRun): boolean {
    const helper = this.#whereabouts.get(run.id)
    if (helper === undefined) return false
    this.#whereabouts.delete(run.id)
    helper.runs.delete(run.id)
    for (const { value } of run.order.objects) this.luggage.reclaim(value)
    return true
  }

  #lose(helper: Helper): void {
    this.#helpers.delete(helper.address)
    for (const run of [...helper.runs.values()]) this.ended(run, lostHelper(helper.address))
  }

  #watch(): void {
    const { clock, leaseMs } = this.#options
    this.#timer ??= clock.setTimer(clock.now() + leaseMs / asksPerLease, () => {
      this.#timer = undefined
      for (const helper of [...this.#helpers.values()]) this.#look(helper)
      if (this.#helpers.size > 0) this.#watch()
    })
  }

  #look(helper: Helper): void {
    const { clock, leaseMs, calls } = this.#options
    const sentAt = clock.now()
    if (!helper.isUsed) helper.slots = helper.runs.size
    helper.isUsed = false
    if (helper.runs.size === 0) {
      helper.heardAt = sentAt
      if (helper.slots === 0) this.#helpers.delete(helper.address)
      return
    }
    if (sentAt - helper.heardAt > leaseMs * patience) return this.#lose(helper)
    calls.call(helper.address, ['wanted', this.#runs, [...helper.runs.keys()]]).then(
      (missing) => {
        helper.heardAt = Math.max(helper.heardAt, sentAt)
        this.#givenUp(helper, missing as readonly number[])
      },
      () => undefined, // when it is silent for too long, it is lost
    )
  }

  /** The helper has not heard of this home for a lease, or is about to be given these. */
  #givenUp(helper: Helper, missing: readonly number[]): void {
    for (const id of missing) {
      const run = helper.runs.get(id)
      if (run?.isTaken === true) this.ended(run, lostHelper(helper.address))
    }
  }
}

function bytesOf(objects: SentRun['objects']): number {
  return objects.reduce(
    (sum, { value }) => sum + ('inline' in value ? value.inline.length : 0) + runOverhead,
    runOverhead,
  )
}
