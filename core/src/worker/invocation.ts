import type { Fired, InputObject } from '../app/handles.js'
import type { Bucket } from '../bucket/bucket.js'
import type { Partition } from '../bucket/partition.js'
import type { StoredObject } from '../bucket/stored-object.js'
import type { Cause, Firing } from '../contract/index.js'
import type { SentFiring } from '../node/messages.js'
import type { LiveSession } from '../session/live-session.js'
import type { ArmedTimer } from '../timer-queue.js'
import type { Attempt, AttemptHost } from './attempt.js'
import type { InvocationEnd } from './executor.js'
import type { FunctionSlot } from './function-slot.js'
import type { Runnable } from './run-queue.js'

/** The firing that an invocation carries out. */
export interface FiringRecord {
  readonly partition: Partition
  readonly fireSeq: number
  readonly firing: Firing
}

/** A firing of a trigger whose authority is another member of the cluster. */
export interface FiringElsewhere {
  readonly id: string
  /** Whose triggers are told when it fails; undefined when its home tells them. */
  readonly bucket: string | undefined
  /** The trigger's id, `<bucket>.<trigger>`; undefined for a request. */
  readonly trigger: string | undefined
  readonly tag: string | undefined
  readonly about: SentFiring | undefined
}

/** Whom an invocation concerns that runs here for another node: what it does, and how it ends, is told there. It gets one attempt. */
export interface GuestHost extends AttemptHost {
  ended(invocation: Invocation, end: InvocationEnd): void
}

/** `waiting`: for the next attempt, after a failed one. */
export type InvocationPhase = 'queued' | 'running' | 'waiting' | 'over'

const none: readonly Attempt[] = []
const noMissing: readonly string[] = []
const noMeta: Readonly<Record<string, unknown>> = {}

/** One run of a function, through all its attempts. */
export class Invocation implements Fired, Runnable {
  phase: InvocationPhase = 'queued'
  /** Attempts begun. */
  attempt = 0
  /** Of these, the ones that ended with the worker that ran them. */
  lost = 0
  readonly hops: number
  /** The attempts that have neither ended nor been given up. Supervision may have several run at once. */
  attempts: readonly Attempt[] = none
  /** Armed while it waits for its next attempt. */
  retry: ArmedTimer | undefined
  /** Set for one that runs here for another node. */
  guest: GuestHost | undefined
  /** Where it has put, when some trigger there wants to know of its end. */
  listeners: Set<Bucket> | undefined
  /** `seq` of objects of earlier attempts that a later one has put again. */
  confirmed: number[] | undefined
  #id: string | undefined
  /** Objects under keys that the runtime made, by key; made when a second attempt begins to put. */
  #own: Map<string, StoredObject[]> | undefined

  constructor(
    readonly slot: FunctionSlot,
    readonly home: LiveSession,
    readonly objects: readonly StoredObject[],
    /** Undefined for a request. */
    readonly record: FiringRecord | undefined,
    /** The worker that has put what it runs with; undefined for this one. */
    readonly near?: number,
    /** The firing of a trigger that is elsewhere, which it carries out. */
    readonly order?: FiringElsewhere,
  ) {
    let hops = 0
    for (const object of objects) if (object.hops > hops) hops = object.hops
    this.hops = hops + 1
  }

  get id(): string {
    return (this.#id ??=
      this.record?.partition.firingId(this.record.fireSeq) ?? this.order?.id ?? this.#requestId)
  }

  /** No name of a session that a caller gives begins with `~`. */
  get #requestId(): string {
    const { id, life } = this.home
    const plain = `${id}/${this.slot.name}`
    return life === undefined ? plain : `~${life.toString(36)}/${plain}`
  }

  get fn(): string {
    return this.slot.name
  }

  get app(): string {
    return this.slot.app
  }

  get session(): string {
    return this.home.id
  }

  get trigger(): string | undefined {
    return this.record?.partition.cell.id ?? this.order?.trigger
  }

  get value(): unknown {
    if (this.objects.length === 1) return this.objects[0]!.value
    throw new TypeError(
      `fired.value needs one object; function ${this.fn} was fired with ${this.objects.length}: use fired.objects`,
    )
  }

  get partial(): boolean {
    return this.#firing?.partial ?? false
  }

  get missing(): readonly string[] {
    return this.#firing?.missing ?? noMissing
  }

  get window(): Fired['window'] {
    return this.#firing?.window
  }

  get cause(): string | undefined {
    return this.#firing?.cause
  }

  get meta(): Readonly<Record<string, unknown>> {
    return this.#firing?.meta ?? noMeta
  }

  /** What objects put by it say of the firing that caused it, when that was tagged. */
  get lineage(): Cause | undefined {
    const tag = this.record?.firing.tag ?? this.order?.tag
    return tag === undefined ? undefined : { trigger: this.trigger!, tag }
  }

  get #firing(): SentFiring | undefined {
    return this.record?.firing ?? this.order?.about
  }

  add(attempt: Attempt): void {
    this.attempts = this.attempts.length === 0 ? [attempt] : [...this.attempts, attempt]
  }

  remove(attempt: Attempt): void {
    this.attempts = this.attempts.length === 1 ? none : this.attempts.filter((other) => other !== attempt)
  }

  /** What an earlier attempt, or one beside this, has put into a bucket under a key that the runtime made. */
  findOwn(bucket: string, key: string): StoredObject | undefined {
    if (this.#own === undefined) {
      this.#own = new Map()
      for (const object of this.home.objects) if (object.producer.invocation === this.id) this.addOwn(object)
    }
    return this.#own.get(key)?.find((object) => object.bucket === bucket)
  }

  /** Notes an object under a key that the runtime made; nothing to do while there is but one attempt. */
  addOwn(object: StoredObject): void {
    const ofKey = this.#own?.get(object.key)
    if (ofKey === undefined) this.#own?.set(object.key, [object])
    else ofKey.push(object)
  }

  /** Whether this run keeps the object alive by itself, because the object belongs to another session or to none. */
  holds(object: InputObject): boolean {
    return object.session === '' || object.session !== this.home.id
  }
}
