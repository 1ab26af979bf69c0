import type { PutOutcome } from '../app/handles.js'
import { StigmergyError } from '../errors.js'
import type { PutAnswer } from './cluster-messages.js'
import { shardOf } from './rendezvous.js'
import type { ShardMap } from './shard-map.js'
import type { PutToSettle } from './shared-object.js'
import { type LostObjects, UnsettledPuts } from './unsettled-puts.js'

export interface LossWatchOptions {
  readonly map: ShardMap
  readonly shards: number
  /** Of this member. */
  readonly address: string
  readonly onLost: (lost: LostObjects) => void
}

interface Watched {
  readonly app: string
  readonly bucket: string
  readonly shard: number
  readonly puts: UnsettledPuts
}

/** What of this member's puts was in the memory of a coordinator that has lost the shard: it is told to whoever has put it. */
export class LossWatch {
  readonly #options: LossWatchOptions
  readonly #buckets = new Map<string, Watched>()

  constructor(options: LossWatchOptions) {
    this.#options = options
  }

  /** Sends a put, and remembers it while it is in a memory. */
  async put(
    { app, bucket, session, key }: { app: string; bucket: string; session: string; key: string },
    send: (settle: PutToSettle) => Promise<PutAnswer>,
  ): Promise<PutOutcome> {
    const { puts } = this.#of(app, bucket)
    const put = puts.begin(session, key)
    try {
      const answer = await send({ address: this.#options.address, put })
      if (typeof answer === 'string') {
        puts.settled([put])
        return answer
      }
      puts.admitted(put, answer.epoch)
      this.look()
      return answer.outcome
    } catch (error) {
      puts.settled([put])
      throw error
    }
  }

  settled(app: string, bucket: string, puts: readonly number[]): void {
    this.#buckets.get(nameOf(app, bucket))?.puts.settled(puts)
  }

  /** Shards have changed hands. */
  look(): void {
    const { map, onLost } = this.#options
    for (const { app, bucket, shard, puts } of this.#buckets.values()) {
      const objects = puts.reached(map.find(shard).epoch)
      if (objects.length > 0) onLost({ app, bucket, objects })
    }
  }

  #of(app: string, bucket: string): Watched {
    const name = nameOf(app, bucket)
    const known = this.#buckets.get(name)
    if (known !== undefined) return known
    const shard = shardOf(this.#options.shards, 'bucket', app, bucket)
    const made = { app, bucket, shard, puts: new UnsettledPuts() }
    this.#buckets.set(name, made)
    return made
  }
}

/** What was lost, for those who do not listen to events. */
export function lostError({ app, bucket, objects }: LostObjects): StigmergyError {
  return new StigmergyError(
    'STG_OBJECT_LOST',
    `${objects.length} objects of bucket ${bucket} of app ${app} were in the memory of a coordinator that is gone; put them again, ` +
      "or give the bucket durability: 'journal'.",
    { details: { app, bucket, objects: objects.slice(0, 10) } },
  )
}

function nameOf(app: string, bucket: string): string {
  return JSON.stringify([app, bucket])
}
