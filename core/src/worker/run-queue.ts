/** What a run queue may look at to order what waits. */
export interface Runnable {
  readonly fn: string
  readonly app: string
  readonly session: string
  /** The trigger's id; undefined for a request. */
  readonly trigger: string | undefined
  /** Functions since the request: the depth of this one in its session. */
  readonly hops: number
  readonly attempt: number
}

/** Decides which of the waiting invocations of a worker runs next. Everything pushed must come back once. */
export interface RunQueue {
  readonly size: number
  push(item: Runnable): void
  /** Removes and returns the next one; undefined when empty. */
  shift(): Runnable | undefined
}

/** First come, first served, O(1). */
export class FifoQueue<T = Runnable> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head === this.#items.length) this.#clear()
    else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) this.#trim()
    return item
  }

  #clear(): void {
    this.#items.length = 0
    this.#head = 0
  }

  #trim(): void {
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
