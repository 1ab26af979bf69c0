import { checkFields, text } from '../app/fields.js'
import type { TriggerExplanation } from '../runtime/face.js'
import type { Operation } from './decision.js'
import type { ShardCaller } from './shard-caller.js'

/** Which partitions: those that `partitionBy` has named so; all when it is left out. */
export interface WhichPartitions {
  readonly by?: string
}

/**
 * A trigger of bucket scope, as a client of the cluster sees it. What is asked of it is in the log of its bucket when the promise resolves.
 * It is asked again when the holder of the shard changes meanwhile, and may then have been done twice. All reject with `STG_TRIGGER_UNKNOWN`
 * and `STG_BUCKET_UNKNOWN`.
 */
export interface RemoteTrigger {
  /** Such as `events.take`. */
  readonly id: string
  /**
   * Why it fired, why not, what it waits for, as `runtime.explain` tells it: of 20 partitions at most, and of each 50 of the objects that it
   * holds, oldest first, and its last 20 steps.
   */
  explain(which?: WhichPartitions): Promise<readonly TriggerExplanation[]>
  /** Fires what it holds, as far as its primitive can. */
  flush(which?: WhichPartitions): Promise<void>
  /** Disposes what it holds, and begins anew. */
  reset(which?: WhichPartitions): Promise<void>
  /** From now on what comes waits, as much as the trigger may hold. */
  pause(): Promise<void>
  resume(): Promise<void>
}

/** Asks the holder of the bucket's shard. */
export class CallingTrigger implements RemoteTrigger {
  readonly #caller: ShardCaller
  readonly #place: readonly [shard: number, app: string, bucket: string]

  constructor(
    readonly id: string,
    place: readonly [shard: number, app: string, bucket: string],
    caller: ShardCaller,
  ) {
    this.#place = place
    this.#caller = caller
  }

  async explain(which: WhichPartitions = {}): Promise<readonly TriggerExplanation[]> {
    const by = checkedBy('explain', which)
    const [shard] = this.#place
    const answer = await this.#caller.call(shard, ['explain', ...this.#place, this.id, by])
    return answer as readonly TriggerExplanation[]
  }

  flush(which: WhichPartitions = {}): Promise<void> {
    return this.#operate('flush', checkedBy('flush', which))
  }

  reset(which: WhichPartitions = {}): Promise<void> {
    return this.#operate('reset', checkedBy('reset', which))
  }

  pause(): Promise<void> {
    return this.#operate('pause')
  }

  resume(): Promise<void> {
    return this.#operate('resume')
  }

  async #operate(op: Exclude<Operation['op'], 'watermark'>, by?: string): Promise<void> {
    const [shard] = this.#place
    const operation = { op, trigger: this.id, ...(by === undefined ? {} : { by }) }
    await this.#caller.call(shard, ['operate', ...this.#place, operation])
  }
}

function checkedBy(call: string, which: WhichPartitions): string | undefined {
  checkFields(call, which, { by: text })
  return which.by
}
