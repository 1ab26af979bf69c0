import { DeliverPolicy, type JsMsg, type PushConsumer } from '@nats-io/jetstream'
import { setTimeout as sleep } from 'node:timers/promises'
import { copyOf, isDeletion, type Entries, type Stored } from './entries.js'
import { throwUncaught } from './throw-uncaught.js'

export interface FollowerParts {
  readonly entries: Entries
  /** Matches the subjects that are followed. */
  readonly filter: string
  readonly onChange: (subject: string, stored: Stored) => void
  /** Called once, when all that there was has been told. */
  readonly onCurrent: () => void
}

/** What a consumer tells when something may have passed it by. */
const troubles: ReadonlySet<string> = new Set([
  'heartbeats_missed',
  'ordered_consumer_recreated',
  'consumer_deleted',
  'consumer_not_found',
  'stream_not_found',
])

/** Between attempts to follow again, in ms. */
const pauseMs = 250

type Messages = Awaited<ReturnType<PushConsumer['consume']>>

/** Tells the entries under a filter, then their changes. After a lost connection it begins again, and tells what has become different. */
export class Follower implements AsyncDisposable {
  readonly #parts: FollowerParts
  /** Revisions of what was told and is there. */
  readonly #known = new Map<string, number>()
  /** What is there, as far as the consumer that is beginning has told; undefined once it has told all. */
  #found: Set<string> | undefined
  #isCurrent = false
  /** Counts the consumers: one that has been replaced is not listened to. */
  #turn = 0
  #consumer: PushConsumer | undefined
  #messages: Messages | undefined
  #lastRevision = 0
  #restarting: Promise<void> | undefined
  readonly #closing = new AbortController()

  private constructor(parts: FollowerParts) {
    this.#parts = parts
  }

  static async start(parts: FollowerParts): Promise<Follower> {
    const follower = new Follower(parts)
    await follower.#begin()
    parts.entries.connection.watch({ onBack: () => follower.#restart() })
    return follower
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#restarting
    await this.#drop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #begin(): Promise<void> {
    const { connection, stream } = this.#parts.entries
    const turn = (this.#turn += 1)
    const consumer = await connection.call('read', () =>
      connection.js.consumers.getPushConsumer(stream, {
        filter_subjects: this.#parts.filter,
        deliver_policy: DeliverPolicy.LastPerSubject,
      }),
    )
    if (turn !== this.#turn) return
    let left = (await consumer.info(true)).num_pending
    this.#consumer = consumer
    this.#found = new Set()
    if (left === 0) this.#toldAll()
    this.#messages = await consumer.consume({
      callback: (message) => {
        if (turn !== this.#turn || this.#closing.signal.aborted) return
        this.#tell(message)
        left -= 1
        if (this.#found !== undefined && (left <= 0 || message.info.pending === 0)) this.#toldAll()
      },
    })
    void this.#mind(this.#messages, turn)
  }

  async #mind(messages: Messages, turn: number): Promise<void> {
    for await (const { type } of messages.status())
      if (turn === this.#turn && troubles.has(type)) this.#restart()
  }

  #tell(message: JsMsg): void {
    const { subject, seq: revision } = message
    this.#lastRevision = Math.max(this.#lastRevision, revision)
    const isDeleted = isDeletion(message.headers)
    if (!isDeleted) this.#found?.add(subject)
    const known = this.#known.get(subject)
    if (known !== undefined && known >= revision) return
    if (isDeleted) {
      const isNews = this.#known.delete(subject) || this.#isCurrent
      if (isNews) this.#change(subject, { value: undefined, revision })
    } else {
      this.#known.set(subject, revision)
      this.#change(subject, { value: copyOf(message.data), revision })
    }
  }

  #toldAll(): void {
    const found = this.#found ?? new Set()
    this.#found = undefined
    for (const [subject, revision] of this.#known)
      if (!found.has(subject)) this.#forget(subject, Math.max(this.#lastRevision, revision + 1))
    if (this.#isCurrent) return
    this.#isCurrent = true
    uncaught(this.#parts.onCurrent)
  }

  #change(subject: string, stored: Stored): void {
    uncaught(() => this.#parts.onChange(subject, stored))
  }

  /** An entry was deleted while nobody listened, and the mark of that as well. */
  #forget(subject: string, revision: number): void {
    this.#known.delete(subject)
    this.#change(subject, { value: undefined, revision })
  }

  #restart(): void {
    this.#turn += 1
    this.#restarting ??= this.#beginAgain().finally(() => (this.#restarting = undefined))
  }

  async #beginAgain(): Promise<void> {
    const { signal } = this.#closing
    for (let isDone = false; !isDone && !signal.aborted;) {
      await this.#drop()
      const turn = this.#turn + 1
      try {
        await this.#begin()
        isDone = turn === this.#turn
      } catch {
        // The servers are not ready: they are asked until they are, or nobody wants to know any more.
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async #drop(): Promise<void> {
    const consumer = this.#consumer
    this.#messages?.stop()
    this.#messages = undefined
    this.#consumer = undefined
    // One that cannot be deleted now is ended by the servers, because nobody listens.
    await consumer?.delete().catch(() => false)
  }
}

/** What a watcher throws must not stop the client. */
function uncaught(call: () => void): void {
  try {
    call()
  } catch (error) {
    throwUncaught(error)
  }
}
