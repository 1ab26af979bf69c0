import type { Msg } from '@nats-io/transport-node'
import type { Connection } from './connection.js'
import { Kind, Message } from './message.js'
import type { Names } from './names.js'
import { throwUncaught } from './throw-uncaught.js'

/** Something that gathers what it sends until the turn is over. */
export interface Sender {
  flush(): void
}

export interface PostParts {
  readonly member: string
  readonly connection: Connection
  readonly names: Names
  readonly onMessage: (message: Message, from: string) => void
  /** Nobody hears at the inbox of a member. */
  readonly onAbsent: (member: string) => void
}

/** The status of what the servers answer for an inbox where nobody hears. Members answer a ping there, too. */
const nobodyHears = 503

/** Where the messages of a member leave and come in. */
export class Post {
  readonly #parts: PostParts
  readonly #due = new Set<Sender>()

  constructor(parts: PostParts) {
    this.#parts = parts
  }

  /** Begins to hear. Rejects when that is not permitted. */
  async open(): Promise<void> {
    const { connection, names, member, onAbsent } = this.#parts
    const { promise: refused, reject } = withReject()
    connection.nats.subscribe(names.inbox(member), {
      callback: (error, message) => (error === null ? this.#arrive(message) : reject(error)),
    })
    connection.nats.subscribe(names.missed(member, '*'), {
      callback: (error, { subject, headers }) => {
        if (error !== null) reject(error)
        else if (headers?.code === nobodyHears) onAbsent(names.readMissed(subject).member)
      },
    })
    await connection.call('read', () => Promise.race([connection.nats.flush(), refused]))
  }

  /**
   * Sends at once, unless the connection is lost. That nobody hears there comes back to a subject that says who was meant. What one endpoint
   * of this member has for another need not go to the servers and back.
   */
  send(to: string, message: Uint8Array): void {
    const { connection, names, member } = this.#parts
    if (!connection.isUp) return
    const reply = names.missed(member, to)
    if (to === member) setImmediate(() => this.#arrive({ data: message, reply }))
    else connection.nats.publish(names.inbox(to), message, { reply })
  }

  /** Has a sender flush when the turn is over. */
  schedule(sender: Sender): void {
    if (this.#due.size === 0) process.nextTick(() => this.#flush())
    this.#due.add(sender)
  }

  #flush(): void {
    const due = [...this.#due]
    this.#due.clear()
    for (const sender of due) sender.flush()
  }

  /** Must not throw: the client would read no more. */
  #arrive({ data, reply = '' }: Pick<Msg, 'data' | 'reply'>): void {
    try {
      const message = new Message(data)
      if (message.kind === Kind.Ping) this.#parts.connection.nats.publish(reply)
      else this.#parts.onMessage(message, this.#parts.names.readMissed(reply).by)
    } catch (error) {
      // What is too short for what it says to be was not sent by a member.
      if (!(error instanceof RangeError)) throwUncaught(error)
    }
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<never>((_resolve, rejectPromise) => (reject = rejectPromise))
  promise.catch(() => undefined)
  return { promise, reject }
}
