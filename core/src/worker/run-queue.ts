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

/** First come, first served, O(1). Places are used again, so that a queue that is often empty allocates nothing. */
export class FifoQueue<T = Runnable> {
  #items: (T | undefined)[] = []
  #head = 0
  #tail = 0

  get size(): number {
    return this.#tail - this.#head
  }

  /** The next one, which stays. */
  peek(): T | undefined {
    return this.#items[this.#head]
  }

  push(item: T): void {
    this.#items[this.#tail] = item
    this.#tail += 1
  }

  shift(): T | undefined {
    if (this.#head === this.#tail) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head === this.#tail) this.#rewind()
    else if (this.#head >= 1024 && this.#head * 2 > this.#tail) this.#trim()
    return item
  }

  /** A burst's worth of places is given back. */
  #rewind(): void {
    this.#head = 0
    this.#tail = 0
    if (this.#items.length > 1024) this.#items = []
  }

  #trim(): void {
    this.#items = this.#items.slice(this.#head, this.#tail)
    this.#tail -= this.#head
    this.#head = 0
  }
}
