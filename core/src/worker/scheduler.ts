import { type Clock, inNextTurn } from '../clock.js'
import type { LiveSession } from '../session/live-session.js'
import type { Relief } from './elsewhere.js'
import type { Invocation } from './invocation.js'
import { FifoQueue, type RunQueue } from './run-queue.js'
import { WaitingLine } from './waiting-line.js'

/** After so many ms of work the event loop gets a turn. */
const sliceMs = 10
/** How many steps go by between two looks at the clock. */
const stepsPerLook = 32
/** The event loop gets a turn after so many steps even when the clock stands still. */
const stepsPerSlice = 16_384
/** Whence a drain starts: a reaction to a settled promise is the cheapest microtask that Node has. */
const soon = Promise.resolve()

export interface SchedulerActions {
  /** Begins an invocation, or parks it with its function. */
  run(invocation: Invocation): void
  /** Looks whether a session that has become quiet is done. */
  settle(session: LiveSession): void
  /** Nothing is left that could start now. */
  idle(): void
}

/**
 * Gives the worker's one thread to what waits: first decisions that were put off, then quiet sessions, then invocations as
 * the run queue orders them, `slots` at most at a time. Work begins in a microtask after it arrives, so that a put returns first.
 */
export class Scheduler {
  /** Those that may run anywhere. */
  readonly line: WaitingLine
  readonly #clock: Clock
  readonly #slots: number
  readonly #elsewhere: { readonly hasRoom: boolean } | undefined
  /** With other workers or nodes: what runs here all the same. It does not wait for room there. */
  readonly #ownQueue = new FifoQueue<Invocation>()
  readonly #deferred = new FifoQueue<() => void>()
  readonly #quiet = new FifoQueue<LiveSession>()
  readonly #drainSoon = (): void => this.#drain()
  #relief: Relief | undefined
  #actions: SchedulerActions | undefined
  readonly #nextSlice = (): void => {
    this.#steps = 0
    this.#sliceBegan = this.#clock.now()
    this.#drain()
  }
  #steps = 0
  #sliceBegan = 0
  #awake = false
  #running = 0

  constructor(queue: RunQueue, clock: Clock, slots: number, elsewhere?: { readonly hasRoom: boolean }) {
    this.line = new WaitingLine(queue)
    this.#elsewhere = elsewhere
    this.#clock = clock
    this.#slots = slots
  }

  /** Invocations that wait for a slot. */
  get queued(): number {
    return this.line.size + this.#ownQueue.size
  }

  get running(): number {
    return this.#running
  }

  /** Whether nothing is left that could start now. */
  get isIdle(): boolean {
    return !this.#awake
  }

  connect(actions: SchedulerActions): void {
    this.#actions = actions
  }

  /** From now on other nodes take what there is no room for. */
  relieve(relief: Relief): void {
    this.#relief = relief
  }

  enqueue(invocation: Invocation): void {
    const here = invocation.slot.isHomebound && (this.#elsewhere ?? this.#relief) !== undefined
    ;(here ? this.#ownQueue : this.line).push(invocation)
    this.#wake()
  }

  /** One that was brought here to be run: it goes nowhere else, and those of this node wait for it. */
  enqueueGuest(invocation: Invocation): void {
    this.#ownQueue.push(invocation)
    this.#wake()
  }

  /** One that other nodes were to run, and did not take, is the next to run here. */
  giveBack(invocation: Invocation): void {
    this.line.giveBack(invocation)
    this.#wake()
  }

  /** Another worker has room for more. */
  roomMade(): void {
    if (this.line.size > 0) this.#wake()
  }

  /** Runs `task` before the next invocation: for decisions that must not fall into the middle of a step. */
  defer(task: () => void): void {
    this.#deferred.push(task)
    this.#wake()
  }

  /** Has the session looked at before the next invocation. */
  lookAt(session: LiveSession): void {
    this.#quiet.push(session)
    this.#wake()
  }

  occupySlot(): void {
    this.#running += 1
  }

  freeSlot(): void {
    this.#running -= 1
    if (this.queued > 0) this.#wake()
  }

  #wake(): void {
    if (this.#awake) return
    this.#awake = true
    void soon.then(this.#drainSoon)
  }

  /** What a part of the runtime throws is not hidden, and stops nobody else: the rest goes on in the next turn. */
  #drain(): void {
    try {
      while (this.#step()) {
        this.#steps += 1
        if (this.#steps % stepsPerLook === 0 && this.#sliceIsOver()) return inNextTurn(this.#nextSlice)
      }
    } catch (error) {
      inNextTurn(this.#nextSlice)
      throw error
    }
    this.#awake = false
    if (this.#relief !== undefined && this.line.size > 0) this.#relief.pressed()
    this.#actions!.idle()
  }

  /** Slices go on across drains: a chain of functions wakes the scheduler for each one, and must not keep the event loop either. */
  #sliceIsOver(): boolean {
    return this.#steps >= stepsPerSlice || this.#clock.now() - this.#sliceBegan >= sliceMs
  }

  /** Does one thing; false when there is nothing to do. */
  #step(): boolean {
    const task = this.#deferred.shift()
    if (task !== undefined) return (task(), true)
    const session = this.#quiet.shift()
    if (session !== undefined) return (this.#actions!.settle(session), true)
    if (this.#running >= this.#slots) return false
    const invocation = this.#next()
    if (invocation === undefined) return false
    this.#actions!.run(invocation)
    return true
  }

  #next(): Invocation | undefined {
    const own = this.#ownQueue.shift()
    if (own !== undefined || this.#elsewhere?.hasRoom === false) return own
    return this.line.shift()
  }
}
