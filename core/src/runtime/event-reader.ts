import { FifoQueue } from '../worker/run-queue.js'
import type { EventStream, RuntimeEvent } from './events.js'

/** Events that a slow reader may fall behind before it misses some. */
const longestBacklog = 10_000

export interface EventReaderOptions {
  /** Which events are read. */
  readonly accept: (event: RuntimeEvent) => boolean
  /** Whether an event is the last one. Default never. */
  readonly isLast?: (event: RuntimeEvent) => boolean
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/**
 * Reads a stream from the moment it is made. A reader that is 10,000 events behind misses the oldest, and is told how many by an
 * event `events-missed`.
 */
export class EventReader implements AsyncIterableIterator<RuntimeEvent> {
  readonly #backlog = new FifoQueue<RuntimeEvent>()
  readonly #subscription: Disposable
  readonly #options: EventReaderOptions
  readonly #onAbort = (): void => this.#end()
  #missed = 0
  #ended = false
  readonly #readers = new FifoQueue<() => void>()

  constructor(stream: EventStream, options: EventReaderOptions) {
    this.#options = options
    this.#subscription = stream.subscribe((event) => this.#take(event))
    if (options.signal?.aborted === true) this.#end()
    options.signal?.addEventListener('abort', this.#onAbort)
  }

  async next(): Promise<IteratorResult<RuntimeEvent, undefined>> {
    while (this.#backlog.size === 0 && !this.#ended)
      await new Promise<void>((resolve) => this.#readers.push(resolve))
    const value = this.#missed > 0 ? this.#tellMissed() : this.#backlog.shift()
    return value === undefined ? { done: true, value } : { done: false, value }
  }

  return(): Promise<IteratorResult<RuntimeEvent, undefined>> {
    this.#end()
    while (this.#backlog.size > 0) this.#backlog.shift()
    this.#missed = 0
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(event: RuntimeEvent): void {
    if (!this.#options.accept(event)) return
    this.#backlog.push(event)
    if (this.#backlog.size > longestBacklog) {
      this.#backlog.shift()
      this.#missed += 1
    }
    if (this.#options.isLast?.(event) === true) this.#end()
    this.#readers.shift()?.()
  }

  #tellMissed(): RuntimeEvent {
    const count = this.#missed
    this.#missed = 0
    const { at, session } = this.#backlog.peek()!
    return { type: 'events-missed', at, session, count }
  }

  #end(): void {
    this.#ended = true
    this.#subscription[Symbol.dispose]()
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    for (let next = this.#readers.shift(); next !== undefined; next = this.#readers.shift()) next()
  }
}
