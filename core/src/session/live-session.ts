import type { Bucket } from '../bucket/bucket.js'
import type { Partition } from '../bucket/partition.js'
import type { StoredObject } from '../bucket/stored-object.js'
import type { Outcome } from '../contract/index.js'
import { LazyPromise } from '../lazy-promise.js'
import type { SessionEnd } from '../runtime/face.js'
import type { ArmedTimer } from '../timer-queue.js'
import type { Invocation } from '../worker/invocation.js'
import { ObjectIndex } from './object-index.js'

/** `failing`: the failure is known and what is to be flushed still runs. */
export type SessionPhase = 'live' | 'failing' | 'over'

/** A session at home on this worker: what it has put, what of it runs, and how it ends. */
export class LiveSession {
  phase: SessionPhase = 'live'
  /** Reasons not to end: invocations, armed timers of its partitions, and whoever holds it open. */
  activity = 0
  readonly objects: StoredObject[] = []
  readonly partitions: Partition[] = []
  readonly invocations = new Set<Invocation>()
  readonly reply = new LazyPromise<unknown>()
  /** Whether a function has replied: without that, the end settles the reply. */
  hasReplied = false
  readonly ended = new LazyPromise<SessionEnd>()
  failure: Error | undefined
  /** Whether its caller keeps it open for puts. */
  isKeptOpen = false
  /** Set for a session that puts from outside have opened: it ends when none has come for a while. */
  idleTimer: ArmedTimer | undefined
  deadline: ArmedTimer | undefined
  /** Ends the listening to a caller's signal. */
  unlisten: (() => void) | undefined
  #firstBucket: Bucket | undefined
  #firstIndex: ObjectIndex | undefined
  #others: Map<Bucket, ObjectIndex> | undefined

  constructor(
    readonly id: string,
    readonly parents: readonly string[],
    /** Whether puts from outside may come at any time, so that being quiet is not the end. */
    public fromOutside: boolean,
    /** Tells it from earlier sessions of its name, in the ids of what runs; undefined for the first. */
    readonly life?: number,
    /** Whether a coordinator has given it to this node: then it may run elsewhere again, and has other nodes' puts. */
    readonly isOfCluster = false,
  ) {}

  /** The objects of one bucket by identity. Most sessions put into one bucket, and need no map for it. */
  index(bucket: Bucket): ObjectIndex {
    this.#firstBucket ??= bucket
    if (this.#firstBucket === bucket) return (this.#firstIndex ??= new ObjectIndex())
    this.#others ??= new Map()
    let index = this.#others.get(bucket)
    if (index === undefined) this.#others.set(bucket, (index = new ObjectIndex()))
    return index
  }

  get holdsObjects(): boolean {
    return this.partitions.some((partition) => partition.pending.size > 0)
  }

  /** Whether events of it wait in a trigger that is paused. */
  get isHeldUp(): boolean {
    return this.partitions.some(({ phase, queue }) => phase === 'open' && queue !== undefined)
  }

  /** Whether a put from outside has begun it here, and nothing else has happened to it. */
  get isUntouched(): boolean {
    return (
      this.fromOutside &&
      !this.isOfCluster &&
      this.phase === 'live' &&
      this.activity === 0 &&
      this.objects.length === 0 &&
      this.partitions.every((partition) => partition.isUntouched)
    )
  }

  get outcome(): Outcome {
    return this.failure === undefined ? 'succeeded' : 'failed'
  }

  /** Keeps the object alive until it is over. Making room for the object may have ended it already. */
  add(object: StoredObject): void {
    object.hold()
    if (this.phase === 'over') object.endSession()
    else this.objects.push(object)
  }

  /** Frees what only the session has kept alive. */
  release(): void {
    for (const object of this.objects) object.endSession()
    this.objects.length = 0
    this.#others = undefined
  }
}
