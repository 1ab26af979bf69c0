import type { PutOutcome } from '../app/handles.js'
import { StigmergyError } from '../errors.js'
import type { AwaitAnswer, DoneMessage, PutAnswer, ToCoordinator } from './cluster-messages.js'
import type { Dispatcher } from './dispatcher.js'
import { cellOf, explainShared } from './explain-shared.js'
import type { HeldShard } from './held-shard.js'
import type { RoomFinder } from './room-finder.js'
import type { ShardTable } from './shard-table.js'
import type { Operation } from './shared-bucket.js'
import type { SentObject } from './shared-object.js'
import type { SharedSession } from './shared-sessions.js'
import type { Waiters } from './waiters.js'

export interface ShardAnswersParts {
  readonly shards: ShardTable
  readonly dispatcher: Dispatcher
  readonly waiters: Waiters
  readonly rooms: RoomFinder
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
      case 'room':
        return this.#parts.rooms.find(message[2], message[3])
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
        return this.#afterwards(message[2], message[4], () =>
          shard.propose(['ended', now, message[2], message[3]]),
        )
      case 'put':
        return this.#put(shard, message[2], message[3], message[4])
      case 'tell':
        return shard.propose(['tell', now, message[2], message[3], message[4]])
      case 'drop':
        return shard.propose(['drop', now, message[2], message[3], message[4]])
      case 'operate':
        return this.#operate(shard, message[2], message[3], message[4])
      case 'explain':
        return explainShared(shard.state!.bucket(message[2], message[3]), message[4], message[5])
      case 'done':
        return this.#done(shard, message)
    }
  }

  /**
   * It has ended on a node that did not answer when it was given it, and may run on another besides: there it ends, too, but not before the
   * end that counts is in the log.
   */
  async #afterwards<T>(session: string, node: string, record: () => Promise<T>): Promise<T> {
    const endElsewhere = this.#parts.dispatcher.elsewhere(session, node)
    const recorded = await record()
    endElsewhere?.()
    return recorded
  }

  /** Only what is kept in memory alone is told of when it is not any more. */
  async #put(shard: HeldShard, app: string, bucket: string, object: SentObject): Promise<PutAnswer> {
    const { ref, value } = object
    const isDurable = this.#parts.shards.isDurable(app, bucket)
    const entry = ['put', shard.now(), app, bucket, isDurable ? { ref, value } : object] as const
    const outcome = (await shard.propose(entry)) as PutOutcome
    return isDurable ? outcome : { outcome, epoch: shard.epoch }
  }

  async #operate(shard: HeldShard, app: string, bucket: string, operation: Operation): Promise<void> {
    if (operation.op !== 'watermark') cellOf(shard.state!.bucket(app, bucket), operation.trigger)
    await shard.propose(['operate', shard.now(), app, bucket, operation])
  }

  async #done(shard: HeldShard, message: DoneMessage): Promise<boolean> {
    const [, , session, app, bucket, firing, outcome, node] = message
    await this.#afterwards(session, node, () =>
      shard.propose(['done', shard.now(), app, bucket, firing, outcome]),
    )
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
