import type { PutOutcome } from '../app/handles.js'
import { StigmergyError } from '../errors.js'
import { contentOf } from '../node/arrived-value.js'
import { receivedError, sentRefusal } from '../node/sent-error.js'
import type { Attempt, FarSide } from '../worker/attempt.js'
import type { Said, SaidAnswer, SentRun } from './assist-messages.js'
import type { Luggage } from './luggage.js'

export interface AwayRunHost {
  readonly luggage: Luggage
  /** The run says something, and so was taken. */
  taken(run: AwayRun): void
  ended(run: AwayRun, error: Error | undefined): void
  /** It is not needed any more. */
  withdrawn(run: AwayRun, reason: unknown): void
}

interface Early {
  readonly said: Said
  readonly answer: (answer: Promise<SaidAnswer>) => void
}

/** An attempt that another node runs, at its home. What it says is heard in order, each once, and done as if it had run here. */
export class AwayRun implements FarSide {
  isTaken = false
  readonly #host: AwayRunHost
  readonly #answers = new Map<number, Promise<SaidAnswer>>()
  readonly #early = new Map<number, Early>()
  #heard = 0
  #before: Promise<unknown> = Promise.resolve()

  constructor(
    readonly attempt: Attempt,
    readonly order: SentRun,
    host: AwayRunHost,
  ) {
    this.#host = host
  }

  get id(): number {
    return this.order.run
  }

  abort(reason: unknown): void {
    this.#host.withdrawn(this, reason)
  }

  /** The answer to the nth thing that it says, whenever that is asked for. */
  hear(n: number, unanswered: number, said: Said): Promise<SaidAnswer> {
    for (const known of this.#answers.keys()) if (known < unanswered) this.#answers.delete(known)
    const known = this.#answers.get(n)
    if (known !== undefined) return known
    if (n <= this.#heard) return Promise.resolve('heard') // a late copy: the answer has arrived
    const answer = new Promise<SaidAnswer>((resolve) => this.#early.set(n, { said, answer: resolve }))
    this.#answers.set(n, answer)
    this.#hearAll()
    return answer
  }

  #hearAll(): void {
    for (;;) {
      const next = this.#early.get(this.#heard + 1)
      if (next === undefined) return
      this.#heard += 1
      this.#early.delete(this.#heard)
      const began = this.#before.then(() => this.#do(next.said))
      this.#before = began
      next.answer(began.then(({ answer }) => answer))
    }
  }

  /** Resolves when the next may be done; the answer may take longer. */
  async #do(said: Said): Promise<{ readonly answer: Promise<SaidAnswer> | SaidAnswer }> {
    this.#host.taken(this)
    try {
      switch (said.kind) {
        case 'put':
          return await this.#put(said)
        case 'reply':
          return await this.#reply(said)
        case 'closed':
          return this.#closed(said)
        case 'nothing':
          return { answer: 'heard' }
        case 'ended':
          this.#host.ended(this, said.error === undefined ? undefined : receivedError(said.error))
          return { answer: 'heard' }
      }
    } catch (error) {
      return { answer: { error: sentRefusal(error) } }
    }
  }

  async #put({
    app,
    bucket,
    key,
    value,
    bytes,
    options,
  }: Said & { readonly kind: 'put' }): Promise<{ readonly answer: Promise<SaidAnswer> }> {
    const arrived = await this.#host.luggage.arrive(value, bytes)
    let outcome: Promise<PutOutcome>
    try {
      outcome = this.attempt.put({ app, bucket }, key, arrived, options)
    } catch (error) {
      arrived.leave()
      throw error
    }
    const answer = outcome.then(
      (admitted): SaidAnswer => ({ outcome: admitted }),
      (error: unknown): SaidAnswer => ({ error: sentRefusal(error) }),
    )
    void answer.then(() => arrived.leave())
    return { answer }
  }

  async #reply({
    value,
    bytes,
  }: Said & { readonly kind: 'reply' }): Promise<{ readonly answer: SaidAnswer }> {
    const arrived = await this.#host.luggage.arrive(value, bytes)
    const content = contentOf(arrived)
    this.attempt.reply(isBinary(content) ? structuredClone(content) : content)
    arrived.leave()
    return { answer: 'heard' }
  }

  /** What a trigger refuses comes too late to be thrown there, and fails the attempt. */
  #closed({ app, bucket, fact }: Said & { readonly kind: 'closed' }): { readonly answer: SaidAnswer } {
    try {
      this.attempt.closed({ app, bucket }, fact)
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_FUNCTION_FENCED')) this.#host.ended(this, error as Error)
      return { answer: 'over' }
    }
    return { answer: 'heard' }
  }
}

function isBinary(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
}
