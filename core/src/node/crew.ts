import type { PutOutcome } from '../app/handles.js'
import { immediateOutcomes } from '../bucket/bucket.js'
import type { Codec } from '../codec.js'
import type { Endpoint, LoadTable, ObjectStore } from '../contract/index.js'
import type { StigmergyError } from '../errors.js'
import type { Attempt } from '../worker/attempt.js'
import type { FunctionSlot } from '../worker/function-slot.js'
import type { Elsewhere, ElsewhereHost } from '../worker/elsewhere.js'
import type { ArrivedValue } from './arrived-value.js'
import { Colleague, RemoteRun } from './colleague.js'
import { FrameReader } from './frame-reader.js'
import { LoadWords } from './load-words.js'
import { readMessage } from './message-form.js'
import type { ClosedReport, EndedReport, PutReport, ReplyReport, Report } from './messages.js'
import { runOrder } from './order.js'
import { Outbox } from './outbox.js'
import { unpack } from './packing.js'
import type { Placement } from './placement.js'
import { receivedError, type SentError, sentRefusal } from './sent-error.js'

export interface CrewParts {
  readonly endpoint: Endpoint
  readonly load: LoadTable
  readonly store: ObjectStore
  readonly codec: Codec
  readonly inlineBytes: number
  readonly placement: Placement
  /** Workers that there are to be. */
  readonly count: number
  /** Functions that may be under way on one worker. */
  readonly slots: number
  /** Called for each attempt that is sent. */
  readonly onRun: () => void
  /** The number of a function. */
  readonly numberOf: (slot: FunctionSlot) => number
}

/**
 * The workers that run functions for this home. An attempt is sent to one of them; what it puts, replies and tells comes back, and is
 * done here, as if it had run here.
 */
export class Crew implements Elsewhere {
  readonly workers: number
  /** The worker whose report is being handled. */
  speaking: number | undefined
  readonly #parts: CrewParts
  readonly #colleagues = new Map<number, Colleague>()
  readonly #byAddress = new Map<string, Colleague>()
  readonly #frame = new FrameReader()
  /** Attempts that wait for a worker to join. */
  #waiting: Attempt[] = []
  #host: ElsewhereHost | undefined
  #runs = 0
  #failure: Error | undefined

  constructor(parts: CrewParts) {
    this.workers = parts.count
    this.#parts = parts
  }

  connect(host: ElsewhereHost): void {
    this.#host = host
  }

  /** Those that have joined. */
  get colleagues(): Iterable<Colleague> {
    return this.#colleagues.values()
  }

  get hasRoom(): boolean {
    if (this.#failure !== undefined) return true // for the error
    for (const colleague of this.#colleagues.values()) if (colleague.hasRoom(this.#parts.slots)) return true
    return false
  }

  run(attempt: Attempt): void {
    if (attempt.phase === 'fenced') return
    if (this.#failure !== undefined) return this.#host!.failed(attempt, this.#failure)
    const colleague = this.#choose(attempt)
    if (colleague === undefined) this.#waiting.push(attempt)
    else this.#give(colleague, attempt)
  }

  /** A worker is ready. */
  join(worker: number, address: string): Colleague {
    const before = this.#colleagues.get(worker)
    if (before !== undefined) this.lost(before.address)
    const outbox = new Outbox(this.#parts.endpoint, address)
    const colleague = new Colleague(worker, address, outbox, () => this.#host!.now())
    this.#colleagues.set(worker, colleague)
    this.#byAddress.set(address, colleague)
    const waiting = this.#waiting
    this.#waiting = []
    for (const attempt of waiting) this.run(attempt)
    this.#host?.roomMade()
    return colleague
  }

  /** A worker is gone. What it had sent still counts; what it had begun, it says no more. */
  losing(worker: number, error: StigmergyError): void {
    const colleague = this.#colleagues.get(worker)
    if (colleague === undefined) return
    colleague.loss = error
    colleague.retiring ??= () => undefined
    this.began(colleague.beganAll(this.#parts.load.get(worker, LoadWords.Begun)))
  }

  /** All has come that a worker, which is gone, had sent: what it ran is lost there, and fails with the error of its loss. */
  lost(address: string): void {
    const colleague = this.#byAddress.get(address)
    if (colleague?.loss === undefined) return
    const { loss: error } = colleague
    this.#colleagues.delete(colleague.worker)
    this.#byAddress.delete(address)
    for (const run of [...colleague.runs()]) {
      colleague.end(run)
      if (run.phase === 'queued') this.run(run.attempt)
      else this.#host!.failed(run.attempt, error)
    }
    this.#host?.roomMade()
  }

  /** Gives a worker nothing more; `finished` is called when it has ended what it has. */
  retire(worker: number, finished: () => void): void {
    const colleague = this.#colleagues.get(worker)
    if (colleague === undefined) return
    colleague.retiring = finished
    if (colleague.isIdle) finished()
  }

  /** There will be no workers any more: what waits for one fails, now and later. */
  giveUp(error: Error): void {
    this.#failure = error
    for (const attempt of this.#waiting.splice(0)) this.#host!.failed(attempt, error)
    this.#host?.roomMade()
  }

  /** A frame of a worker. */
  receive(frame: Uint8Array, from: string): void {
    const colleague = this.#byAddress.get(from)
    if (colleague === undefined) return // of one that is lost: what it ran runs elsewhere
    const message = colleague.inbox.take(frame)
    if (message === undefined) return
    const report = readMessage<Report>(this.#frame, message)
    this.speaking = colleague.worker
    try {
      this.#handle(colleague, report)
    } finally {
      this.speaking = undefined
    }
  }

  /** Of those with room, or of all when none has any: supervision does not wait for room. */
  #choose({ invocation }: Attempt): Colleague | undefined {
    const { placement, slots } = this.#parts
    const { slot } = invocation
    const able: Colleague[] = []
    const free: Colleague[] = []
    for (const each of this.#colleagues.values()) {
      if (each.retiring !== undefined || each.runsOf(slot) >= slot.concurrencyOfOne) continue
      able.push(each)
      if (each.hasRoom(slots)) free.push(each)
    }
    const candidates = free.length > 0 ? free : able
    if (candidates.length < 2) return candidates[0]
    return candidates[placement.choose(candidates, invocation, invocation.near)]
  }

  #give(colleague: Colleague, attempt: Attempt): void {
    this.#runs = (this.#runs + 1) % 0xffff_ffff
    const run = new RemoteRun(this.#runs, attempt, colleague)
    try {
      colleague.send(runOrder(run, this.#parts.numberOf(attempt.invocation.slot), this.#parts))
    } catch (error) {
      return this.#host!.failed(attempt, error)
    }
    colleague.give(run)
    attempt.farSide = run
    this.#parts.onRun()
  }

  #handle(colleague: Colleague, report: Report): void {
    switch (report.kind) {
      case 'begun':
        this.began(colleague.beganAll(report.begun))
        return this.#host!.roomMade()
      case 'ended':
        return this.#ended(colleague, report)
      case 'put':
        return this.#put(colleague, report)
      case 'reply':
        return this.#reply(colleague, report)
      case 'closed':
        return this.#closed(colleague, report)
    }
  }

  /** These have begun: their time runs. */
  began(runs: readonly RemoteRun[]): void {
    for (const { attempt } of runs) this.#host!.begun(attempt)
  }

  #ended(colleague: Colleague, { run: id, tookUs, begun, error }: EndedReport): void {
    this.began(colleague.beganAll(begun))
    const run = colleague.find(id)
    if (run === undefined) return
    colleague.end(run)
    if (colleague.isIdle) colleague.retiring?.()
    const { attempt } = run
    attempt.invocation.slot.took(tookUs)
    if (error === undefined) this.#host!.ended(attempt)
    else this.#host!.failed(attempt, receivedError(error))
    this.#host!.roomMade()
  }

  #put(colleague: Colleague, report: PutReport): void {
    const run = this.#speaker(colleague, report.run)
    if (run === undefined) return
    const { attempt } = run
    const handle = { app: report.app ?? attempt.invocation.app, bucket: report.bucket }
    this.#take(colleague, report, report.bytes, (value) => {
      const outcome = attempt.put(handle, report.key, value, report.options)
      return immediateOutcomes.get(outcome) ?? outcome
    })
  }

  #reply(colleague: Colleague, report: ReplyReport): void {
    const run = this.#speaker(colleague, report.run)
    if (run === undefined) return
    this.#take(colleague, report, 0, ({ content }) => {
      run.attempt.reply(detached(content))
      return 'admitted'
    })
  }

  /** The run that says something, and so has begun. */
  #speaker(colleague: Colleague, id: number): RemoteRun | undefined {
    const run = colleague.find(id)
    if (run?.phase === 'queued') this.began(colleague.beganUpTo(run))
    return run
  }

  /** Does something with a value that has come, and answers how it ended. */
  #take(
    colleague: Colleague,
    report: PutReport | ReplyReport,
    bytes: number,
    use: (value: ArrivedValue) => PutOutcome | Promise<PutOutcome>,
  ): void {
    const { run, call, parcel } = report
    let value: ArrivedValue | undefined
    const answer = (outcome: PutOutcome | SentError): void => {
      colleague.answer({ kind: 'answer', run, call, outcome })
      value?.leave()
    }
    const refuse = (error: unknown): void => answer(sentRefusal(error))
    try {
      value = unpack(parcel, bytes, this.#parts)
      const outcome = use(value)
      if (typeof outcome === 'string') answer(outcome)
      else void outcome.then(answer, refuse)
    } catch (error) {
      refuse(error)
    }
  }

  /** What a trigger refuses comes too late to be thrown there, and fails the attempt. */
  #closed(colleague: Colleague, { run: id, app, bucket, fact }: ClosedReport): void {
    const run = this.#speaker(colleague, id)
    if (run === undefined) return
    try {
      run.attempt.closed({ app, bucket }, fact)
    } catch (error) {
      this.#host!.failed(run.attempt, error)
      run.abort(error)
    }
  }
}

/** A caller keeps its result for as long as it likes: bytes that are read in place are copied. */
function detached(value: unknown): unknown {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? structuredClone(value) : value
}
