import type { Codec } from '../codec.js'
import type { Endpoint, LoadTable, ObjectStore } from '../contract/index.js'
import { asError } from '../error-info.js'
import type { StigmergyError } from '../errors.js'
import type { Attempt } from '../worker/attempt.js'
import type { FunctionSlot } from '../worker/function-slot.js'
import type { Elsewhere, ElsewhereHost } from '../worker/elsewhere.js'
import type { ArrivedValue } from './arrived-value.js'
import { Colleague, type RemoteRun } from './colleague.js'
import { LoadWords } from './load-words.js'
import {
  type ClosedReport,
  decodeMessage,
  type EndedReport,
  type Parcel,
  type PutReport,
  type Report,
} from './messages.js'
import { sentOrder } from './order.js'
import { Outbox } from './outbox.js'
import { unpack } from './packing.js'
import type { Placement } from './placement.js'
import { receivedError, sentError } from './sent-error.js'

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

/** An attempt that waits for a worker to join. */
interface Waiting {
  readonly attempt: Attempt
  readonly resolve: () => void
  readonly reject: (error: Error) => void
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
  #waiting: Waiting[] = []
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

  run(attempt: Attempt): Promise<void> {
    return new Promise((resolve, reject) => this.#place({ attempt, resolve, reject }))
  }

  /** A worker is ready. */
  join(worker: number, address: string): Colleague {
    const before = this.#colleagues.get(worker)
    if (before !== undefined) this.lost(before.address)
    const colleague = new Colleague(worker, address, new Outbox(this.#parts.endpoint, address))
    this.#colleagues.set(worker, colleague)
    this.#byAddress.set(address, colleague)
    const waiting = this.#waiting
    this.#waiting = []
    for (const each of waiting) this.#place(each)
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
      if (run.phase === 'queued') this.#place(run)
      else run.reject(error)
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
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    this.#host?.roomMade()
  }

  /** A frame of a worker. */
  receive(frame: Uint8Array, from: string): void {
    const colleague = this.#byAddress.get(from)
    if (colleague === undefined) return // of one that is lost: what it ran runs elsewhere
    const report = decodeMessage<Report>(frame)
    this.speaking = colleague.worker
    try {
      this.#handle(colleague, report)
    } finally {
      this.speaking = undefined
    }
  }

  #place(waiting: Waiting): void {
    if (waiting.attempt.phase === 'fenced') return waiting.resolve()
    if (this.#failure !== undefined) return waiting.reject(this.#failure)
    const colleague = this.#choose(waiting.attempt)
    if (colleague === undefined) this.#waiting.push(waiting)
    else this.#give(colleague, waiting)
  }

  /** Of those with room, or of all when none has any: supervision does not wait for room. */
  #choose({ invocation }: Attempt): Colleague | undefined {
    const { placement, slots } = this.#parts
    const { slot } = invocation
    const limit = slot.concurrencyOfOne
    const able = [...this.#colleagues.values()].filter(
      (each) => each.retiring === undefined && each.runsOf(slot) < limit,
    )
    const free = able.filter((each) => each.hasRoom(slots))
    const candidates = free.length > 0 ? free : able
    if (candidates.length < 2) return candidates[0]
    return candidates[placement.choose(candidates, invocation, invocation.near)]
  }

  #give(colleague: Colleague, { attempt, resolve, reject }: Waiting): void {
    this.#runs = (this.#runs + 1) % 0xffff_ffff
    const { slot } = attempt.invocation
    const run: RemoteRun = {
      id: this.#runs,
      attempt,
      expectedUs: slot.typicalUs,
      phase: 'queued',
      abandonedAt: undefined,
      resolve,
      reject,
    }
    try {
      const order = sentOrder(run.id, attempt, this.#parts.numberOf(slot), this.#parts)
      attempt.onFenced = (reason) => this.#abort(colleague, run, reason)
      colleague.give(run)
      colleague.send(order)
      this.#parts.onRun()
    } catch (error) {
      if (colleague.find(run.id) !== undefined) colleague.end(run)
      reject(asError(error))
    }
  }

  #abort(colleague: Colleague, run: RemoteRun, reason: unknown): void {
    run.abandonedAt = this.#host?.now()
    if (colleague.find(run.id) !== undefined) colleague.send(['abort', run.id, sentError(reason)])
    run.resolve()
  }

  #handle(colleague: Colleague, report: Report): void {
    switch (report[0]) {
      case 'begun':
        this.began(colleague.beganAll(report[1]))
        return this.#host!.roomMade()
      case 'ended':
        return this.#ended(colleague, report)
      case 'put':
        return this.#put(colleague, report)
      case 'reply':
        return this.#reply(colleague, report[1], report[2], report[3])
      case 'closed':
        return this.#closed(colleague, report)
    }
  }

  /** These have begun: their time runs. */
  began(runs: readonly RemoteRun[]): void {
    for (const { attempt } of runs) this.#host!.begun(attempt)
  }

  #ended(colleague: Colleague, [, id, tookUs, begun, error]: EndedReport): void {
    this.began(colleague.beganAll(begun))
    const run = colleague.find(id)
    if (run === undefined) return
    colleague.end(run)
    if (colleague.isIdle) colleague.retiring?.()
    run.attempt.invocation.slot.took(tookUs)
    if (error === undefined) run.resolve()
    else run.reject(receivedError(error))
    this.#host!.roomMade()
  }

  #put(colleague: Colleague, [, id, call, app, bucket, key, parcel, bytes, options]: PutReport): void {
    const run = this.#speaker(colleague, id)
    if (run === undefined) return
    const { attempt } = run
    const handle = { app: app ?? attempt.invocation.app, bucket }
    void this.#take(colleague, id, call, parcel, bytes, (value) => attempt.put(handle, key, value, options))
  }

  #reply(colleague: Colleague, id: number, call: number, parcel: Parcel): void {
    const run = this.#speaker(colleague, id)
    if (run === undefined) return
    const reply = async (value: ArrivedValue): Promise<'admitted'> => {
      run.attempt.reply(detached(value.content))
      return 'admitted'
    }
    void this.#take(colleague, id, call, parcel, 0, reply)
  }

  /** The run that says something, and so has begun. */
  #speaker(colleague: Colleague, id: number): RemoteRun | undefined {
    const run = colleague.find(id)
    if (run?.phase === 'queued') this.began(colleague.beganUpTo(run))
    return run
  }

  /** Does something with a value that has come, and answers how it ended. */
  async #take(
    colleague: Colleague,
    id: number,
    call: number,
    parcel: Parcel,
    bytes: number,
    use: (value: ArrivedValue) => Promise<'admitted' | 'duplicate' | 'late'>,
  ): Promise<void> {
    let value: ArrivedValue | undefined
    try {
      value = unpack(parcel, bytes, this.#parts)
      const outcome = await use(value)
      colleague.send(['answer', id, call, outcome])
    } catch (error) {
      colleague.send(['answer', id, call, sentError(error)])
    } finally {
      value?.leave()
    }
  }

  /** What a trigger refuses comes too late to be thrown there, and fails the attempt. */
  #closed(colleague: Colleague, [, id, app, bucket, fact]: ClosedReport): void {
    const run = this.#speaker(colleague, id)
    if (run === undefined) return
    try {
      run.attempt.closed({ app, bucket }, fact)
    } catch (error) {
      run.reject(asError(error))
      this.#abort(colleague, run, error)
    }
  }
}

/** A caller keeps its result for as long as it likes: bytes that are read in place are copied. */
function detached(value: unknown): unknown {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? structuredClone(value) : value
}
