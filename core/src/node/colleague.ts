import type { StigmergyError } from '../errors.js'
import type { Attempt, FarSide } from '../worker/attempt.js'
import type { FunctionSlot } from '../worker/function-slot.js'
import { FifoQueue } from '../worker/run-queue.js'
import { FrameWriter } from './frame-writer.js'
import { writeMessage } from './message-form.js'
import type { AnswerOrder, Order } from './messages.js'
import type { Outbox } from './outbox.js'
import { Inbox } from './parts.js'
import type { WorkerLoad } from './placement.js'
import { sentRefusal } from './sent-error.js'

/** An attempt that a worker was given. */
export class RemoteRun implements FarSide {
  phase: 'queued' | 'running' = 'queued'
  /** What the worker is expected to need for it, in µs. */
  readonly expectedUs: number
  /** When it was given up here while it went on there, ms since epoch. */
  abandonedAt: number | undefined

  constructor(
    readonly id: number,
    readonly attempt: Attempt,
    readonly colleague: Colleague,
  ) {
    this.expectedUs = attempt.invocation.slot.typicalUs
  }

  /** Tells the worker that nobody waits for it any more. */
  abort(reason: unknown): void {
    this.abandonedAt = this.colleague.now()
    if (this.colleague.find(this.id) === undefined) return
    const sent = reason === undefined ? undefined : sentRefusal(reason)
    this.colleague.send({ kind: 'abort', run: this.id, reason: sent })
  }
}

/** A worker is given as much at a time as it needs so many µs for: enough to be never idle, and not so much that others could have had it. */
const backlogUs = 1_000

/** A worker as its home sees it: what it was given, and how far it is. */
export class Colleague implements WorkerLoad {
  /** In the order in which they were sent, those that have not begun. */
  readonly #unbegun = new FifoQueue<RemoteRun>()
  readonly #runs = new Map<number, RemoteRun>()
  readonly #perFunction = new Map<FunctionSlot, number>()
  /** Of what it sends. */
  readonly inbox = new Inbox()
  readonly #frame = new FrameWriter()
  readonly #outbox: Outbox
  #answers: AnswerOrder[] = []
  #begun = 0
  #expectedUs = 0
  /** Set when it shall get nothing more: what to do when it has ended what it has. */
  retiring: (() => void) | undefined

  /** Set when it is gone, and what it had sent may still come. */
  loss: StigmergyError | undefined

  constructor(
    readonly worker: number,
    readonly address: string,
    outbox: Outbox,
    /** The time of the home, ms since epoch. */
    readonly now: () => number,
  ) {
    this.#outbox = outbox
  }

  get running(): number {
    return this.#runs.size - this.#unbegun.size
  }

  get queued(): number {
    return this.#unbegun.size
  }

  /** Functions that have begun since it joined. */
  get begun(): number {
    return this.#begun
  }

  /** Whether it should be given more. */
  hasRoom(slots: number): boolean {
    if (this.retiring !== undefined || this.#runs.size >= slots) return false
    return this.#unbegun.size === 0 || this.#expectedUs < backlogUs
  }

  /** Runs of one function that it was given and that have not ended. */
  runsOf(slot: FunctionSlot): number {
    return this.#perFunction.get(slot) ?? 0
  }

  give(run: RemoteRun): void {
    const { slot } = run.attempt.invocation
    this.#runs.set(run.id, run)
    this.#unbegun.push(run)
    this.#expectedUs += run.expectedUs
    this.#perFunction.set(slot, this.runsOf(slot) + 1)
  }

  send(order: Order): void {
    this.#outbox.send(writeMessage(this.#frame, order))
  }

  /** Answers soon: what a put has caused begins first, because more depends on it. */
  answer(answer: AnswerOrder): void {
    if (this.#answers.push(answer) === 1) queueMicrotask(() => this.#sendAnswers())
  }

  #sendAnswers(): void {
    const answers = this.#answers
    this.#answers = []
    for (const answer of answers) this.send(answer)
  }

  find(id: number): RemoteRun | undefined {
    return this.#runs.get(id)
  }

  /** It has begun so many in all; those that are new, in their order. */
  beganAll(count: number): readonly RemoteRun[] {
    const begun: RemoteRun[] = []
    while (this.#begun < count) {
      const run = this.#beginNext()
      if (run === undefined) break
      begun.push(run)
    }
    return begun
  }

  /** This one has begun, as it has said something, and so have all that were sent before it. */
  beganUpTo(run: RemoteRun): readonly RemoteRun[] {
    const begun: RemoteRun[] = []
    while (run.phase === 'queued') begun.push(this.#beginNext()!)
    return begun
  }

  end(run: RemoteRun): void {
    const { slot } = run.attempt.invocation
    this.#runs.delete(run.id)
    const left = this.runsOf(slot) - 1
    if (left > 0) this.#perFunction.set(slot, left)
    else this.#perFunction.delete(slot)
  }

  /** Everything that it was given and that has not ended. */
  runs(): IterableIterator<RemoteRun> {
    return this.#runs.values()
  }

  get isIdle(): boolean {
    return this.#runs.size === 0
  }

  #beginNext(): RemoteRun | undefined {
    const run = this.#unbegun.shift()
    if (run === undefined) return undefined
    run.phase = 'running'
    this.#begun += 1
    this.#expectedUs -= run.expectedUs
    return run
  }
}
