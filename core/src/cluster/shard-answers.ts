import type { PutOutcome } from '../app/handles.js'
import { StigmergyError } from '../errors.js'
import { receivedError } from '../node/sent-error.js'
import type {
  AwaitAnswer,
  DoneMessage,
  EndAnswer,
  EndedMessage,
  PutAnswer,
  ToCoordinator,
} from './cluster-messages.js'
import type { Dispatcher } from './dispatcher.js'
import { cellOf, explainShared } from './explain-shared.js'
import type { HeldShard } from './held-shard.js'
import type { RoomFinder } from './room-finder.js'
import type { ShardTable } from './shard-table.js'
import type { Operation } from './decision.js'
import type { SentObject } from './shared-object.js'
import type { EndRecord, SentPut, SharedSession } from './shared-sessions.js'
import { moved } from './shard-log.js'
import type { Waiters } from './waiters.js'

export interface ShardAnswersParts {
  readonly shards: ShardTable
  readonly dispatcher: Dispatcher
  readonly waiters: Waiters
  readonly rooms: RoomFinder
  /** Puts by name that a session may have admitted. */
  readonly maxPuts: number
}

/** What a coordinator answers to nodes and clients. An answer is given when what it says is in the log. */
export class ShardAnswers {
  readonly #parts: ShardAnswersParts
  /** Puts into sessions that are under way, by their invocations. */
  readonly #entering = new Map<string, Promise<PutOutcome>>()

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
        await shard.propose(['begin', now, message[2]])
        return undefined
      case 'await':
        return this.#await(shard, message[2], message[3])
      case 'cancel':
        if (shard.state!.sessions.find(message[2]) === undefined) throw unknownSession(message[2])
        return shard.propose(['cancel', now, message[2]])
      case 'replied':
        return shard.propose(['replied', now, message[2], message[3]])
      case 'ended':
        return this.#ended(shard, message)
      case 'enter':
        return this.#enter(shard, message[2])
      case 'put':
        return this.#put(shard, message[2], message[3], message[4])
      case 'tell':
        return shard.propose(['tell', now, message[2], message[3], message[4]])
      case 'item':
        return shard.propose(['item', now, message[2], message[3], message[4], message[5]])
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

  /** It may run on other nodes besides: there it ends, too, but not before the end that counts is in the log. */
  async #ended(shard: HeldShard, [, , session, end, node, seen]: EndedMessage): Promise<EndAnswer> {
    const { dispatcher } = this.#parts
    const endElsewhere = dispatcher.endElsewhere(session, node)
    const record = (await shard.propose(['ended', shard.now(), session, end, seen])) as EndRecord
    if (record.ended) {
      endElsewhere()
      return 'recorded'
    }
    const isKept = dispatcher.keep(session, node)
    if (isKept === undefined) throw moved(`shard.${shard.shard}`)
    return isKept ? { again: record.puts } : 'elsewhere'
  }

  /** A put that is asked for again while it is under way is one put. */
  #enter(shard: HeldShard, put: SentPut): Promise<PutOutcome> {
    const { invocation } = put.producer
    const known = this.#entering.get(invocation)
    if (known !== undefined) return known
    const entering = this.#enterOnce(shard, put).finally(() => this.#entering.delete(invocation))
    this.#entering.set(invocation, entering)
    return entering
  }

  /** The home says what comes of it. What it admits is in the log before anybody hears so: whoever runs the session again puts it again. */
  async #enterOnce(shard: HeldShard, put: SentPut): Promise<PutOutcome> {
    const { sessions } = shard.state!
    const { session: id, app, producer } = put
    if (sessions.find(id) === undefined)
      await shard.propose(['begin', shard.now(), { session: id, app, fn: undefined }])
    const session = sessions.find(id)
    if (session?.puts.has(producer.invocation) === true) return 'admitted'
    if (session === undefined || session.end !== undefined) return 'late'
    if (session.puts.size >= this.#parts.maxPuts) throw tooManyPuts(id, this.#parts.maxPuts)
    const { dispatcher } = this.#parts
    const { answer, isThere } = await dispatcher.enter(put)
    if (answer === 'absent') {
      if (session.end === undefined) throw moved(`shard.${shard.shard}`)
      return 'late'
    }
    if (typeof answer !== 'string') throw receivedError(answer.refused)
    if (answer !== 'admitted') return answer
    await shard.propose(['admitted', shard.now(), put])
    if (!isThere()) await dispatcher.enter(put) // its next home began before the put was in the log
    return 'admitted'
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
    const { dispatcher } = this.#parts
    const endElsewhere = dispatcher.endElsewhere(session, node)
    await shard.propose(['done', shard.now(), app, bucket, firing, outcome])
    endElsewhere()
    dispatcher.remove(session)
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

function tooManyPuts(session: string, maxPuts: number): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_FULL',
    `${maxPuts} objects were put into session ${JSON.stringify(session)} by its name, the limit: whoever runs it again puts them again. ` +
      'Use another session, or raise maxPutsPerSession of the cluster.',
    { details: { session, maxPuts } },
  )
}

function unknownSession(id: string): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_UNKNOWN',
    `No session ${JSON.stringify(id)} is known to the cluster: it was never asked for, or ended long ago.`,
    { details: { session: id } },
  )
}
