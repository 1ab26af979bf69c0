import type { ObjectRef } from '../contract/index.js'
import type { StepEvent } from './step-event.js'

/** Places at the front are given back when there are as many of them, and as many as events. */
const mostGaps = 1_024

/** Events of a partition that wait, oldest first, because its trigger is paused or the partition halted. */
export class WaitingEvents {
  #events: StepEvent[]
  #head = 0
  #facts: number
  #haltedAt: StepEvent | undefined

  constructor(events: readonly StepEvent[] = [], halted = false) {
    this.#events = [...events]
    this.#facts = events.filter(isFact).length
    if (halted) this.#haltedAt = events.find(({ kind }) => kind !== 'evict')
  }

  get size(): number {
    return this.#events.length - this.#head
  }

  /** How many are facts, watermarks and flushes. Objects are bounded as what is held, timers as what is armed. */
  get facts(): number {
    return this.#facts
  }

  *[Symbol.iterator](): IterableIterator<StepEvent> {
    for (let at = this.#head; at < this.#events.length; at += 1) yield this.#events[at]!
  }

  /** The event that the partition halted at. */
  get haltedAt(): StepEvent | undefined {
    return this.#haltedAt
  }

  /** `seq` of the objects that wait for the primitive to see them. */
  get objects(): ReadonlySet<number> {
    const seqs = new Set<number>()
    for (const event of this) if (event.kind === 'object') seqs.add(event.object.seq)
    return seqs
  }

  /** Whether the event would add to what waits: flushes in a row are one, and of watermarks in a row the highest is all that counts. */
  adds(kind: StepEvent['kind']): boolean {
    const mergeable = kind === 'flush' || kind === 'watermark'
    return !mergeable || this.size === 0 || this.#events.at(-1)!.kind !== kind
  }

  add(event: StepEvent): void {
    if (this.adds(event.kind)) {
      this.#events.push(event)
      if (isFact(event)) this.#facts += 1
    } else if (event.kind === 'watermark') this.#raise(event)
  }

  /** Has the event wait before all others. */
  addFirst(event: StepEvent): void {
    this.#events.splice(0, this.#head, event)
    this.#head = 0
    if (isFact(event)) this.#facts += 1
  }

  /** Has the event wait first that the partition could not bear. */
  haltAt(event: StepEvent): void {
    this.#haltedAt = event
    this.addFirst(event)
  }

  shift(): StepEvent | undefined {
    const event = this.#events[this.#head]
    if (event === undefined) return undefined
    this.#head += 1
    if (isFact(event)) this.#facts -= 1
    if (this.#head >= mostGaps && this.#head * 2 >= this.#events.length) this.#closeGap()
    return event
  }

  /** Takes out objects. */
  withdraw(which: (object: ObjectRef) => boolean): readonly ObjectRef[] {
    const withdrawn: ObjectRef[] = []
    this.#events = [...this].filter((event) => {
      const stays = event.kind !== 'object' || !which(event.object)
      if (!stays) withdrawn.push(event.object)
      return stays
    })
    this.#head = 0
    return withdrawn
  }

  #raise(event: StepEvent & { readonly kind: 'watermark' }): void {
    const last = this.#events.at(-1)
    if (last?.kind === 'watermark' && event.reached > last.reached)
      this.#events[this.#events.length - 1] = event
  }

  #closeGap(): void {
    this.#events = this.#events.slice(this.#head)
    this.#head = 0
  }
}

function isFact({ kind }: StepEvent): boolean {
  return kind === 'closed' || kind === 'watermark' || kind === 'flush'
}
