import type { Clock, Timer } from '../clock.js'
import type { Codec } from '../codec.js'
import type { LoadTable, ObjectStore } from '../contract/index.js'
import { microseconds } from '../clock.js'
import type { NumberedFunction } from './functions.js'
import { GuestFired, GuestObject } from './guest-object.js'
import { GuestRun } from './guest-run.js'
import { FrameReader } from './frame-reader.js'
import { FrameWriter } from './frame-writer.js'
import { LoadWords } from './load-words.js'
import { readMessage, writeMessage } from './message-form.js'
import type { Order, Report, RunOrder } from './messages.js'
import type { Outbox } from './outbox.js'
import { Inbox } from './parts.js'
import { unpack } from './packing.js'
import { sentError, type SentError } from './sent-error.js'

export interface GuestParts {
  readonly functions: readonly NumberedFunction[]
  readonly codec: Codec
  readonly store: ObjectStore
  readonly inlineBytes: number
  readonly load: LoadTable
  readonly clock: Clock
  /** To the home. */
  readonly outbox: Outbox
}

/** How often a worker that runs something shows that its event loop turns, in ms. */
const beatMs = 100

/** Runs functions for the home of a node, in the order in which they are ordered. Decides nothing: what they put goes home. */
export class Guest {
  readonly codec: Codec
  readonly store: ObjectStore
  readonly inlineBytes: number
  readonly #parts: GuestParts
  readonly #inbox = new Inbox()
  readonly #received = new FrameReader()
  readonly #sent = new FrameWriter()
  readonly #runs = new Map<number, GuestRun>()
  #begun = 0
  #told = 0
  #beats = 0
  #beat: Timer | undefined
  #isToTell = false

  constructor(parts: GuestParts) {
    this.#parts = parts
    parts.load.set(LoadWords.Begun, 0)
    this.codec = parts.codec
    this.store = parts.store
    this.inlineBytes = parts.inlineBytes
  }

  /** Says that it is here, so that its home hears of its end. */
  greet(): void {
    this.send({ kind: 'begun', begun: 0 })
  }

  /** A frame of the home. */
  receive(frame: Uint8Array): void {
    const message = this.#inbox.take(frame)
    if (message === undefined) return
    const order = readMessage<Order>(this.#received, message)
    switch (order.kind) {
      case 'run':
        return this.#begin(order)
      case 'answer':
        return this.#runs.get(order.run)?.answered(order.call, order.outcome)
      case 'abort':
        return this.#runs.get(order.run)?.abort(order.reason)
    }
  }

  send(report: Report): void {
    this.#parts.outbox.send(writeMessage(this.#sent, report))
  }

  /** Ends the showing of beats. */
  close(): void {
    this.#beat?.cancel()
  }

  #begin(order: RunOrder): void {
    const { run: id, fn } = order
    const startedUs = microseconds()
    const { load } = this.#parts
    this.#begun += 1
    load.set(LoadWords.Begun, this.#begun)
    this.#keepBeating()
    let run: GuestRun | undefined
    let result: void | Promise<void>
    try {
      run = this.#receiveRun(order)
      this.#runs.set(id, run)
      result = this.#parts.functions[fn]!.declaration.handler(run.fired as never, run)
    } catch (error) {
      return this.#end(id, run, microseconds() - startedUs, sentError(error))
    }
    if (mayBeThenable(result) || run.isWaiting) void this.#endLater(id, run, startedUs, result)
    else this.#end(id, run, microseconds() - startedUs)
  }

  async #endLater(id: number, run: GuestRun, startedUs: number, result: unknown): Promise<void> {
    this.#tellBegunSoon()
    // While it waits for its home, others run here: that is not time that it needs.
    const neededUs = run.isWaiting ? microseconds() - startedUs : undefined
    let error: SentError | undefined
    try {
      await result
      if (run.isWaiting) await run.settled()
    } catch (thrown) {
      // Of a run that was given up the home wants to know that it has ended, and not how.
      if (!run.isAborted) error = sentError(thrown)
    }
    this.#end(id, run, neededUs ?? microseconds() - startedUs, error)
  }

  #end(id: number, run: GuestRun | undefined, tookUs: number, error?: SentError): void {
    this.#runs.delete(id)
    this.#told = this.#begun
    this.send({ kind: 'ended', run: id, tookUs, begun: this.#begun, error })
    run?.release()
  }

  /** Functions that wait keep the home from knowing that they have begun: it is told once for all that begin in one turn. */
  #tellBegunSoon(): void {
    if (this.#isToTell) return
    this.#isToTell = true
    queueMicrotask(() => {
      this.#isToTell = false
      if (this.#told === this.#begun) return
      this.#told = this.#begun
      this.send({ kind: 'begun', begun: this.#begun })
    })
  }

  #receiveRun({ run, fn, session, invocation, attempt, objects, trigger, firing }: RunOrder): GuestRun {
    const { app, declaration } = this.#parts.functions[fn]!
    const received: GuestObject[] = []
    try {
      for (const { ref, parcel } of objects)
        received.push(new GuestObject(ref, unpack(parcel, ref.bytes, this)))
    } catch (error) {
      for (const object of received) object.release()
      throw error
    }
    const fired = new GuestFired(invocation, received, trigger, firing, declaration.name)
    return new GuestRun(run, fired, session, attempt, app, this)
  }

  /** While something runs. A timer for each run would take longer than many functions, so the last beat finds out that nothing does. */
  #keepBeating(): void {
    const { clock } = this.#parts
    this.#beat ??= clock.setTimer(clock.now() + beatMs, () => {
      this.#beat = undefined
      if (this.#runs.size === 0) return
      this.#showBeat()
      this.#keepBeating()
    })
  }

  #showBeat(): void {
    const { load } = this.#parts
    this.#beats = (this.#beats + 1) % 0xffff_ffff
    load.set(LoadWords.Beat, this.#beats)
    load.set(LoadWords.MemoryMb, Math.round(process.memoryUsage.rss() / 2 ** 20))
  }
}

function mayBeThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}
