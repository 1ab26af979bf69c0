import { StigmergyError } from '../errors.js'
import type { AwaitAnswer, DoneMessage, ToCoordinator } from './cluster-messages.js'
import type { Dispatcher } from './dispatcher.js'
import type { HeldShard } from './held-shard.js'
import type { ShardTable } from './shard-table.js'
import type { SharedSession } from './shared-sessions.js'
import type { Waiters } from './waiters.js'

export interface ShardAnswersParts {
  readonly shards: ShardTable
  readonly dispatcher: Dispatcher
  readonly waiters: Waiters
}

/** What a coordinator answers to nodes and clients. An answer is given when what it says is in the log. */
export class ShardAnswers {
  readonly #parts: ShardAnswersParts

  constructor(parts: ShardAnswersParts) {
    this.#parts = parts
  }

  /** Rejects with `STG_SHARD_MOVED` for shards of others, and with what the message is refused with. */
  async answer(message: ToCoordinator): Promise<unknown> {
    if (message[0] === 'status') return this.#parts.shards.status()
    const shard = this.#parts.shards.find(message[1])
    const now = shard.now()
    switch (message[0]) {
      case 'request':
        await shard.propose(['request', now, message[2]])
        return undefined
      case 'await':
        return this.#await(shard, message[2], message[3])
      case 'cancel':
        if (shard.state!.sessions.find(message[2]) === undefined) throw unknownSession(message[2])
        return shard.propose(['cancel', now, message[2]])
      case 'replied':
        return shard.propose(['replied', now, message[2], message[3]])
      case 'ended':
        this.#abortOthers(message[2], message[4])
        return shard.propose(['ended', now, message[2], message[3]])
      case 'put':
        return shard.propose(['put', now, message[2], message[3], message[4]])
      case 'tell':
        return shard.propose(['tell', now, message[2], message[3], message[4]])
      case 'drop':
        return shard.propose(['drop', now, message[2], message[3], message[4]])
      case 'operate':
        return shard.propose(['operate', now, message[2], message[3], message[4]])
      case 'done':
        return this.#done(shard, message)
    }
  }

  /** It has ended on a node that did not answer when it was given it, and runs on another besides. */
  #abortOthers(session: string, node: string): void {
    const assigned = this.#parts.dispatcher.nodeOf(session)
    if (assigned !== undefined && assigned !== node) this.#parts.dispatcher.abort(session)
  }

  async #done(shard: HeldShard, message: DoneMessage): Promise<boolean> {
    const [, , session, app, bucket, firing, outcome, node] = message
    this.#abortOthers(session, node)
    await shard.propose(['done', shard.now(), app, bucket, firing, outcome])
    this.#parts.dispatcher.remove(session)
    return true
  }

  async #await(shard: HeldShard, id: string, what: 'reply' | 'end'): Promise<AwaitAnswer> {
    const session = shard.state!.sessions.find(id)
    if (session === undefined) throw unknownSession(id)
    const isKnown = (): boolean => isAnswered(session, what)
    if (!isKnown()) await this.#parts.waiters.wait(shard.shard, id, isKnown)
    const { reply, end } = session
    return { ...(reply === undefined ? {} : { reply }), ...(end === undefined ? {} : { end }) }
  }
}

function isAnswered({ reply, end }: SharedSession, what: 'reply' | 'end'): boolean {
  return end !== undefined || (what === 'reply' && reply !== undefined)
}

function unknownSession(id: string): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_UNKNOWN',
    `No session ${JSON.stringify(id)} is known to the cluster: it was never asked for, or ended long ago.`,
    { details: { session: id } },
  )
}
