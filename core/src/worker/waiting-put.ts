import type { PutOutcome } from '../app/handles.js'

/**
 * A put that waits for room, as its function gets it. It knows whether anybody has asked how it ended, because a failure that
 * nobody asks for is the function's own.
 */
export class WaitingPut extends Promise<PutOutcome> {
  /** Resolves when the put has ended, in whatever way. Waiting for it is not asking. */
  readonly over: Promise<void>
  #asked = false
  #failure: { readonly error: unknown } | undefined

  /** Promises that follow from it are like all others. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  constructor(outcome: Promise<PutOutcome>) {
    super((resolve) => resolve(outcome))
    this.over = super.then(
      () => undefined,
      (error: unknown) => void (this.#failure = { error }),
    )
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** How it failed, when nobody has asked for it. */
  get lostFailure(): { readonly error: unknown } | undefined {
    return this.#asked ? undefined : this.#failure
  }

  override then<Next = PutOutcome, Instead = never>(
    onAdmitted?: ((outcome: PutOutcome) => Next | PromiseLike<Next>) | null,
    onFailed?: ((error: unknown) => Instead | PromiseLike<Instead>) | null,
  ): Promise<Next | Instead> {
    this.#asked = true
    return super.then(onAdmitted, onFailed)
  }
}
