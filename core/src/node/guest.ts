import type { Clock, Timer } from '../clock.js'
import type { Codec } from '../codec.js'
import type { LoadTable, ObjectStore } from '../contract/index.js'
import { microseconds } from '../clock.js'
import type { NumberedFunction } from './functions.js'
import { GuestFired, GuestObject } from './guest-object.js'
import { GuestRun } from './guest-run.js'
import { LoadWords } from './load-words.js'
import {
  decodeMessage,
  encodeMessage,
  type Order,
  type Report,
  type RunOrder,
  type SentObject,
} from './messages.js'
import type { Outbox } from './outbox.js'
import { unpack } from './packing.js'
import { sentError } from './sent-error.js'

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
    this.send(['begun', 0])
  }

  /** A frame of the home. */
  receive(frame: Uint8Array): void {
    const order = decodeMessage<Order>(frame)
    switch (order[0]) {
      case 'run':
        return this.#begin(order)
      case 'answer':
        return this.#runs.get(order[1])?.answered(order[2], order[3])
      case 'abort':
        return this.#runs.get(order[1])?.abort(order[2])
    }
  }

  send(report: Report): void {
    this.#parts.outbox.send(encodeMessage(report))
  }

  /** Ends the showing of beats. */
  close(): void {
    this.#beat?.cancel()
  }

  #begin(order: RunOrder): void {
    const [, id, number] = order
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
      result = this.#parts.functions[number]!.declaration.handler(run.fired as never, run)
    } catch (error) {
      return this.#end(id, run, startedUs, error)
    }
    if (mayBeThenable(result)) void this.#endLater(id, run, startedUs, result)
    else if (run.isWaiting) void this.#endLater(id, run, startedUs, undefined)
    else this.#end(id, run, startedUs)
  }

  async #endLater(id: number, run: GuestRun, startedUs: number, result: unknown): Promise<void> {
    this.#tellBegunSoon()
    try {
      await result
      if (run.isWaiting) await run.settled()
    } catch (error) {
      return this.#end(id, run, startedUs, error)
    }
    this.#end(id, run, startedUs)
  }

  #end(
    id: number,
    run: GuestRun | undefined,
    startedUs: number,
    ...failure: readonly [] | readonly [error: unknown]
  ): void {
    this.#runs.delete(id)
    const took = microseconds() - startedUs
    this.#told = this.#begun
    if (failure.length === 0) this.send(['ended', id, took, this.#begun])
    else this.send(['ended', id, took, this.#begun, sentError(failure[0])])
    run?.release()
    if (this.#runs.size === 0) this.#stopBeating()
  }

  /** Functions that wait keep the home from knowing that they have begun: it is told once for all that begin in one turn. */
  #tellBegunSoon(): void {
    if (this.#isToTell) return
    this.#isToTell = true
    queueMicrotask(() => {
      this.#isToTell = false
      if (this.#told === this.#begun) return
      this.#told = this.#begun
      this.send(['begun', this.#begun])
    })
  }

  #receiveRun([, id, number, session, invocation, attempt, objects, trigger, firing]: RunOrder): GuestRun {
    const { app, declaration } = this.#parts.functions[number]!
    const received: GuestObject[] = []
    try {
      for (const sent of objects) received.push(this.#receiveObject(sent, session))
    } catch (error) {
      for (const object of received) object.release()
      throw error
    }
    const fired = new GuestFired(
      invocation,
      received,
      trigger ?? undefined,
      firing ?? undefined,
      declaration.name,
    )
    return new GuestRun(id, fired, session, attempt, app, this)
  }

  #receiveObject(sent: SentObject, session: string): GuestObject {
    return new GuestObject(sent, session, unpack(sent[7], sent[4], this))
  }

  #keepBeating(): void {
    if (this.#beat !== undefined) return
    const { clock, load } = this.#parts
    const beat = (): void => {
      this.#beats = (this.#beats + 1) % 0xffff_ffff
      load.set(LoadWords.Beat, this.#beats)
      load.set(LoadWords.MemoryMb, Math.round(process.memoryUsage.rss() / 2 ** 20))
      this.#beat = clock.setTimer(clock.now() + beatMs, beat)
    }
    this.#beat = clock.setTimer(clock.now() + beatMs, beat)
  }

  #stopBeating(): void {
    this.#beat?.cancel()
    this.#beat = undefined
  }
}

function mayBeThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}
