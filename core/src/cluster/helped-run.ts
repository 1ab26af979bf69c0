import type { BucketName, PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import { checkedName } from '../app/names.js'
import { sizeOf, type StoredObject } from '../bucket/stored-object.js'
import type { Clock } from '../clock.js'
import type { ObjectStore } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { receivedError, sentError, sentRefusal } from '../node/sent-error.js'
import { type Attempt, fenced } from '../worker/attempt.js'
import type { InvocationEnd } from '../worker/executor.js'
import type { GuestHost, Invocation } from '../worker/invocation.js'
import { WaitingPut } from '../worker/waiting-put.js'
import type { Said, SaidAnswer, SentRun } from './assist-messages.js'
import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import type { Luggage } from './luggage.js'
import type { SentValue } from './shared-object.js'

export interface HelpedRunHost {
  readonly calls: Calls<ClusterMessage>
  readonly luggage: Luggage
  readonly store: ObjectStore
  readonly clock: Clock
  readonly retryMs: number
  /** The home has heard how it ended, or does not want to know. */
  over(run: HelpedRun): void
  /** The home does not wait for it any more. */
  inVain(run: HelpedRun): void
}

/** An attempt that runs here for the home of another session: what it does is said there, and done there. */
export class HelpedRun implements GuestHost {
  /** Set when its inputs have come. */
  invocation: Invocation | undefined
  objects: readonly StoredObject[] = []
  isOver = false
  readonly #host: HelpedRunHost
  readonly #unanswered = new Set<number>()
  #count = 0

  constructor(
    /** Address of the home. */
    readonly home: string,
    readonly order: SentRun,
    host: HelpedRunHost,
  ) {
    this.#host = host
  }

  put(
    attempt: Attempt,
    bucket: BucketName,
    key: string | undefined,
    value: unknown,
    options?: PutOptions,
  ): Promise<PutOutcome> {
    const name = checkedBucket('put', bucket)
    if (key !== undefined) checkedName('key', key)
    if (attempt.phase !== 'running') throw fenced(attempt)
    const about = { kind: 'put', ...name, key, bytes: sizeOf(value), options } as const
    const said = this.#ship(attempt, value, (sent) => ({ ...about, value: sent }))
    return this.#follow(attempt, said)
  }

  reply(attempt: Attempt, value: unknown): void {
    if (attempt.phase !== 'running') return
    const bytes = sizeOf(value)
    const said = this.#ship(attempt, value, (sent) => ({ kind: 'reply', bytes, value: sent }))
    void this.#follow(attempt, said)
  }

  async allocate(bytes: number): Promise<Uint8Array> {
    return (await this.#host.store.allocate?.(bytes)) ?? new Uint8Array(bytes)
  }

  closed(attempt: Attempt, bucket: BucketName, fact: UserFact): void {
    const name = checkedBucket('closed', bucket)
    if (attempt.phase !== 'running') throw fenced(attempt)
    const said = this.#say({ kind: 'closed', ...name, fact })
    const admitted = said.then((): PutOutcome => 'admitted')
    void this.#follow(attempt, admitted)
  }

  ended(_invocation: Invocation, { error }: InvocationEnd): void {
    void this.end(error)
  }

  /** Tells how it ended. */
  async end(error: Error | undefined): Promise<void> {
    this.release()
    const own = StigmergyError.is(error, 'STG_FUNCTION_FAILED') ? (error.cause ?? error) : error
    try {
      await this.#say({ kind: 'ended', error: own === undefined ? undefined : sentError(own) })
    } catch (unsent) {
      await this.#say({ kind: 'ended', error: sentRefusal(unsent) })
    }
    this.#host.over(this)
  }

  /** Lets go of its inputs. */
  release(): void {
    for (const object of this.objects) object.letGo()
    this.objects = []
  }

  #follow(attempt: Attempt, outcome: Promise<PutOutcome>): WaitingPut {
    const waiting = new WaitingPut(outcome)
    ;(attempt.waitingPuts ??= []).push(waiting)
    return waiting
  }

  /** Says something with a value. Its turn is that of the call, however long the value takes. */
  async #ship(attempt: Attempt, value: unknown, said: (value: SentValue) => Said): Promise<PutOutcome> {
    const { luggage } = this.#host
    const n = this.#nextTurn()
    let sent: SentValue
    try {
      sent = await luggage.packValue(value)
    } catch (error) {
      await this.#sayInTurn(n, { kind: 'nothing' })
      throw error
    }
    try {
      return outcomeOf(await this.#sayInTurn(n, said(sent)), attempt)
    } finally {
      luggage.reclaim(sent)
    }
  }

  #say(said: Said): Promise<SaidAnswer> {
    return this.#sayInTurn(this.#nextTurn(), said)
  }

  #nextTurn(): number {
    this.#count += 1
    this.#unanswered.add(this.#count)
    return this.#count
  }

  /** What cannot be sent leaves a turn in which nothing is said. */
  async #sayInTurn(n: number, said: Said): Promise<SaidAnswer> {
    try {
      return await this.#send(n, said)
    } catch (error) {
      await this.#send(n, { kind: 'nothing' })
      throw error
    }
  }

  /** Until the home has answered. */
  async #send(n: number, said: Said): Promise<SaidAnswer> {
    const { calls, clock, retryMs } = this.#host
    while (!this.isOver) {
      const [unanswered] = this.#unanswered
      try {
        const call = ['said', this.order.run, n, unanswered ?? n, said] as const
        const answer = (await calls.call(this.home, call)) as SaidAnswer
        this.#unanswered.delete(n)
        if (answer === 'over') this.#host.inVain(this)
        return answer
      } catch (error) {
        if (!StigmergyError.is(error) || !error.retryable) throw error
      }
      await new Promise<void>((resolve) => clock.setTimer(clock.now() + retryMs, resolve))
    }
    return 'over'
  }
}

function outcomeOf(answer: SaidAnswer, attempt: Attempt): PutOutcome {
  if (answer === 'heard') return 'admitted'
  if (answer === 'over') throw fenced(attempt)
  if ('error' in answer) throw receivedError(answer.error)
  return answer.outcome
}

function checkedBucket(call: string, name: BucketName): BucketName {
  if (typeof name?.bucket === 'string' && typeof name.app === 'string')
    return { app: name.app, bucket: name.bucket }
  throw new TypeError(`${call}: the bucket must be what app.bucket returned`)
}
