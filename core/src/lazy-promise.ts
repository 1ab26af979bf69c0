type State<T> =
  | { readonly is: 'open' }
  | { readonly is: 'resolved'; readonly value: T }
  | { readonly is: 'rejected'; readonly error: Error }

/**
 * A result that becomes a promise only when somebody asks for it. So a failure that nobody looks at is no unhandled rejection,
 * and a session that nobody waits for costs no promise.
 */
export class LazyPromise<T> {
  #state: State<T> = open
  #promise: Promise<T> | undefined
  #resolve: ((value: T) => void) | undefined
  #reject: ((error: Error) => void) | undefined

  get settled(): boolean {
    return this.#state.is !== 'open'
  }

  get promise(): Promise<T> {
    return (this.#promise ??= this.#make())
  }

  /** Only the first settling counts. */
  resolve(value: T): void {
    if (this.settled) return
    this.#state = { is: 'resolved', value }
    this.#resolve?.(value)
  }

  reject(error: Error): void {
    if (this.settled) return
    this.#state = { is: 'rejected', error }
    this.#reject?.(error)
  }

  #make(): Promise<T> {
    if (this.#state.is === 'resolved') return Promise.resolve(this.#state.value)
    return new Promise<T>((resolve, reject) => {
      if (this.#state.is === 'rejected') return reject(this.#state.error)
      this.#resolve = resolve
      this.#reject = reject
    })
  }
}

const open = { is: 'open' } as const
