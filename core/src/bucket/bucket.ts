import type { BucketOptions } from '../app/bucket-options.js'
import type { PutOptions, PutOutcome } from '../app/handles.js'
import { checkKnown } from '../app/fields.js'
import { checkedName } from '../app/names.js'
import type { Closed, ObjectStore, Producer, StoreHandle } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { BucketState } from '../runtime/face.js'
import { ArrivedValue, contentOf } from '../node/arrived-value.js'
import type { LiveSession } from '../session/live-session.js'
import { type Attempt, fenced } from '../worker/attempt.js'
import { RememberedKeys } from './remembered-keys.js'
import { findRoute, makeRoom, type Route, routeTo } from './route.js'
import { type ObjectHome, sizeOf, StoredObject, withOptions } from './stored-object.js'
import type { Refusal } from './step.js'
import type { TriggerCell } from './trigger-cell.js'

/** What a bucket needs of its worker, and what it tells it. */
export interface BucketHost {
  readonly store: ObjectStore
  now(): number
  /** Whether two values are one content; asked only when a key collides. */
  sameContent(a: unknown, b: unknown): boolean
  /** An object was admitted; its triggers come next. */
  admitted(bucket: Bucket, object: StoredObject): void
  /** A put was acknowledged as a duplicate. */
  duplicate(bucket: Bucket, existing: StoredObject, put: Put, nondeterministic: boolean): void
  /** A put was acknowledged as a duplicate of an object that has been freed since. */
  remembered(): void
  /** What a filter or a `partitionBy` threw. */
  routeFailed(cell: TriggerCell, object: StoredObject, error: unknown): void
  /** The refusal that the last step asked for; reading it forgets it. */
  takeRefusal(): Refusal | undefined
}

/** One put, complete. */
export interface Put {
  readonly session: LiveSession
  readonly key: string
  /** Whether the key was made by the runtime, so that nobody else can put under it. */
  readonly keyIsOwn: boolean
  readonly value: unknown
  readonly options: PutOptions | undefined
  readonly producer: Producer
  readonly hops: number
  /** The attempt that puts; undefined from outside. */
  readonly attempt: Attempt | undefined
  /** The put's own id: makes puts of retried attempts one object in a `multi` bucket. */
  readonly id: string | undefined
}

/** What is known of earlier buckets of the name: names may come back, firing ids and places in the log must not. */
export interface BucketPast {
  /** By trigger, the last generation of those that have left. */
  readonly generations: Map<string, number>
  /** The `seq` of the last object. */
  lastSeq: number
}

/** The triggers of a bucket whose authority is elsewhere. */
export interface SharedTriggers {
  /** Whether some of them are for objects of this session; without one, whether the bucket is known there at all. */
  concerns(session: string): boolean
  /** Whether there are any that all nodes share. */
  readonly hasAny: boolean
  /** Whether some of them want to know of the end of those who put here. */
  readonly hears: boolean
  /** Tells them a fact; whether one of them provides for the failure that it is. What they refuse is a warning. Never rejects. */
  tell(fact: Closed): Promise<boolean>
  /** A function has failed that runs because one of them has fired with a tag. As `tell`. */
  itemFailed(firing: string, fact: Closed): Promise<boolean>
  /** A session was cancelled or has expired. */
  drop(session: string): void
  /** Hands the object to them. Rejects as `put` throws; then none has seen it. */
  offer(object: StoredObject): Promise<PutOutcome>
}

const admitted: Promise<PutOutcome> = Promise.resolve('admitted')
const duplicate: Promise<PutOutcome> = Promise.resolve('duplicate')
const late: Promise<PutOutcome> = Promise.resolve('late')
/** What `put` returns when it did not have to wait for room, and what each resolves to. */
export const immediateOutcomes: ReadonlyMap<Promise<PutOutcome>, PutOutcome> = new Map([
  [admitted, 'admitted'],
  [duplicate, 'duplicate'],
  [late, 'late'],
])

/** A bucket of a running app: admits objects, and hands each to its triggers in their order. */
export class Bucket {
  readonly multi: boolean
  /** In registration order: for one object they are stepped in this order. */
  cells: readonly TriggerCell[] = []
  /** Whether some trigger wants to know of the end of those who put here. */
  hearsProducers = false
  /** Whether some trigger has a producer supervised. */
  supervised = false
  state: BucketState = 'open'
  readonly #host: BucketHost
  readonly #remembered: RememberedKeys
  readonly #past: BucketPast
  readonly #firstSeq: number
  readonly #home: ObjectHome
  /** Of objects without a session whose keys are remembered. */
  #homeOfKeys: ObjectHome | undefined
  #seq: number
  #shared: SharedTriggers | undefined

  constructor(
    readonly app: string,
    readonly name: string,
    options: BucketOptions,
    host: BucketHost,
    past: BucketPast,
  ) {
    this.#past = past
    this.#firstSeq = past.lastSeq + 1
    this.#seq = past.lastSeq
    this.multi = options.multi ?? false
    this.#remembered = new RememberedKeys(options.rememberKeys ?? 100_000)
    this.#host = host
    this.#home = { app, bucket: name, store: host.store }
  }

  /** Triggers whose authority is elsewhere; undefined while all are here. */
  get shared(): SharedTriggers | undefined {
    return this.#shared
  }

  /** Some of its triggers are elsewhere. */
  share(shared: SharedTriggers): void {
    this.#shared = shared
    this.setCells(this.cells)
  }

  /** Whether the object was put here, and not into an earlier bucket of the name or one of another app. */
  has(object: StoredObject): boolean {
    return object.seq >= this.#firstSeq && object.isIn(this.app, this.name)
  }

  /** Leaves what the next bucket of the name has to know. */
  leave(): void {
    this.#past.lastSeq = this.#seq
  }

  setCells(cells: readonly TriggerCell[]): void {
    this.cells = cells
    this.supervised = cells.some((cell) => cell.common.expect.length > 0)
    this.hearsProducers =
      this.supervised || this.#shared?.hears === true || cells.some((cell) => cell.listensTo('invocation'))
  }

  /**
   * Puts an object. What can be known at once is thrown at once; the promise is only for the store to find room.
   * Throws `STG_BUCKET_SEALED`, `STG_OBJECT_KEY_CONFLICT`, `STG_TRIGGER_BUSY` and what a trigger refuses with.
   */
  put(put: Put): Promise<PutOutcome> {
    this.#checkOpen()
    if (this.#isDuplicate(put)) return duplicate
    const bytes = sizeOf(put.value)
    const { value } = put
    const handle = value instanceof ArrivedValue ? value.enter() : this.#host.store.put(value, bytes)
    if (this.#shared?.concerns(put.session.id) === true)
      return this.#putShared(this.#shared, put, bytes, handle)
    return handle instanceof Promise ? this.#putLater(put, bytes, handle) : this.#admit(put, bytes, handle)
  }

  /** The generation for a trigger of this name: names may come back, firing ids must not. */
  nextGeneration(name: string): number {
    return (this.#past.generations.get(name) ?? -1) + 1
  }

  /** Takes the trigger off; its generation is not given again. */
  retire(cell: TriggerCell): void {
    this.#past.generations.set(cell.definition.name, cell.definition.generation)
    this.setCells(this.cells.filter((other) => other !== cell))
  }

  /** Whether there is an object of the put's identity. */
  isTaken(put: Put): boolean {
    return this.#existing(put) !== false
  }

  /** Whether another put of this identity would be a duplicate, whatever its content. */
  knows(session: LiveSession, role: string | undefined, key: string): boolean {
    return session.index(this).find(role, key) !== undefined
  }

  async #putLater(put: Put, bytes: number, room: Promise<StoreHandle>): Promise<PutOutcome> {
    const handle = await room
    let isToRelease = true
    try {
      if (this.#isDuplicateStill(put)) return 'duplicate'
      isToRelease = false
    } finally {
      if (isToRelease) this.#host.store.release(handle)
    }
    return this.#admit(put, bytes, handle)
  }

  /** First those elsewhere, which may refuse it; then the triggers here. Objects without a session are theirs altogether. */
  async #putShared(
    shared: SharedTriggers,
    put: Put,
    bytes: number,
    room: StoreHandle | Promise<StoreHandle>,
  ): Promise<PutOutcome> {
    const object = this.#makeObject(put, bytes, await room)
    try {
      if (this.#isDuplicateStill(put)) return 'duplicate'
      if (put.session.phase === 'over') return await this.#turnLate(object)
      const outcome = await shared.offer(object)
      if (put.session.id === '') return outcome
      if (this.#isDuplicateStill(put)) return 'duplicate'
      return await this.#admitObject(put, object)
    } finally {
      object.letGo()
    }
  }

  /** Checks again after a wait what was checked before it. */
  #isDuplicateStill(put: Put): boolean {
    const { session, attempt } = put
    if (session.phase !== 'over') {
      this.#checkOpen()
      if (this.#isDuplicate(put)) return true
    }
    if (attempt !== undefined && attempt.phase !== 'running') throw fenced(attempt)
    return false
  }

  /** The maker's hold ends when everybody who keeps the object has one of his own. */
  #admit(put: Put, bytes: number, handle: StoreHandle): Promise<PutOutcome> {
    const object = this.#makeObject(put, bytes, handle)
    try {
      return this.#admitObject(put, object)
    } finally {
      object.letGo()
    }
  }

  #admitObject(put: Put, object: StoredObject): Promise<PutOutcome> {
    if (put.session.phase === 'over') return this.#turnLate(object)
    if (this.cells.length === 1) this.#admitToOne(put, object, this.cells[0]!)
    else this.#admitToAll(put, object)
    const refusal = this.#host.takeRefusal()
    if (refusal !== undefined) throw this.#refused(refusal, object)
    return admitted
  }

  #admitToOne(put: Put, object: StoredObject, cell: TriggerCell): void {
    const route = routeTo(cell, object)
    this.#index(put, object)
    this.#host.admitted(this, object)
    if (this.cells.includes(cell)) this.#offer(cell, route, object)
  }

  /**
   * All triggers are asked before any is stepped: a put that one of them refuses leaves no trace. Listeners may take triggers off
   * meanwhile, and add others.
   */
  #admitToAll(put: Put, object: StoredObject): void {
    const { cells } = this
    const routes = this.#routes(object)
    this.#index(put, object)
    this.#host.admitted(this, object)
    for (const [at, cell] of cells.entries())
      if (this.cells.includes(cell)) this.#offer(cell, routes[at]!, object)
  }

  #makeObject(put: Put, bytes: number, handle: StoreHandle): StoredObject {
    const { session, key, options, keyIsOwn } = put
    this.#seq += 1
    const isRemembered = session.id === '' && !keyIsOwn && !this.multi
    const home = isRemembered ? (this.#homeOfKeys ??= this.#makeHomeOfKeys(session)) : this.#home
    const object = new StoredObject(home, put, { seq: this.#seq, at: this.#host.now(), bytes }, handle)
    const occurrence = this.multi ? this.#occurrence(session, key) : undefined
    return options === undefined && occurrence === undefined
      ? object
      : withOptions(object, options ?? {}, occurrence)
  }

  #makeHomeOfKeys(session: LiveSession): ObjectHome {
    return { ...this.#home, freed: (object) => this.#forget(session, object) }
  }

  /** Per key and session; without a session nothing is kept per key, and the place in the log has to do. */
  #occurrence(session: LiveSession, key: string): number {
    return session.id === '' ? this.#seq : session.index(this).occurrences(key)
  }

  #routes(object: StoredObject): readonly Route[] {
    const found = this.cells.map((cell) => findRoute(cell, object))
    return found.map((route) => ('full' in route ? makeRoom(route, object) : route))
  }

  #offer(cell: TriggerCell, route: Route, object: StoredObject): void {
    if (!('reason' in route)) return void cell.offer(route, object)
    if (route.error !== undefined) this.#host.routeFailed(cell, object, route.error)
    cell.turnAway(object, route.reason)
  }

  /** A key that the runtime made can only be met again by another attempt, which looks among the objects of its invocation. */
  #index({ session, key, id, keyIsOwn, attempt }: Put, object: StoredObject): void {
    if (session.id !== '') session.add(object)
    if (this.multi) {
      if (session.id !== '') session.index(this).countOccurrence(key)
      if (id === undefined) return
      if (session.id === '') this.#remembered.add(id, key)
      else session.index(this).addId(id, object)
    } else if (keyIsOwn) attempt?.invocation.addOwn(object)
    else session.index(this).add(object)
  }

  #isDuplicate(put: Put): boolean {
    const existing = this.#existing(put)
    if (existing === true) this.#host.remembered()
    if (typeof existing === 'boolean') return existing
    const { producer } = put
    const otherAttempt =
      existing.producer.invocation === producer.invocation && existing.producer.attempt !== producer.attempt
    const same = this.#host.sameContent(existing.value, contentOf(put.value))
    if (!same && !otherAttempt && !this.multi) throw this.#conflict(existing)
    this.#host.duplicate(this, existing, put, !same)
    return true
  }

  /** The object that has the put's identity; true when there was one that has been freed since, false when there was none. */
  #existing({ session, key, keyIsOwn, options, id, attempt }: Put): StoredObject | boolean {
    if (this.multi) {
      if (id === undefined) return false
      return session.id === ''
        ? this.#remembered.has(id, key)
        : (session.index(this).findId(key, id) ?? false)
    }
    if (keyIsOwn)
      return attempt === undefined || attempt.invocation.attempt === 1
        ? false
        : (attempt.invocation.findOwn(this.name, key) ?? false)
    const role = options?.role
    return session.index(this).find(role, key) ?? (session.id === '' && this.#remembered.has(role, key))
  }

  /** Without a session nothing keeps an object but its holders; its key is remembered for a while. */
  #forget(session: LiveSession, object: StoredObject): void {
    const wasAdmitted = session.index(this).remove(object)
    if (wasAdmitted) this.#remembered.add(object.role, object.key)
  }

  #turnLate(object: StoredObject): Promise<PutOutcome> {
    for (const cell of this.cells) cell.turnAway(object, 'late-closed')
    return late
  }

  #checkOpen(): void {
    if (this.state === 'open') return
    throw new StigmergyError(
      'STG_BUCKET_SEALED',
      `Bucket ${this.name} is ${this.state} and takes no more objects.`,
      {
        details: { bucket: this.name, state: this.state },
      },
    )
  }

  #conflict({ key, session, producer }: StoredObject): StigmergyError {
    return new StigmergyError(
      'STG_OBJECT_KEY_CONFLICT',
      `Key ${JSON.stringify(key)} of bucket ${this.name} is taken by an object with other content, put by ${producer.fn || 'an outside caller'}. ` +
        'Objects are immutable: use another key, or leave it out to have one made.',
      { details: { bucket: this.name, session, key, producer } },
    )
  }

  #refused({ code, message }: Refusal, { key }: StoredObject): StigmergyError {
    return new StigmergyError(code, message, { details: { bucket: this.name, key } })
  }
}

const inFunctions: ReadonlySet<string> = new Set<keyof PutOptions>([
  'group',
  'role',
  'et',
  'producer',
  'meta',
  'id',
])
const fromOutside: ReadonlySet<string> = new Set([...inFunctions, 'session'])

/**
 * Checks what a caller gives, once, where it enters. Throws `STG_OBJECT_KEY_INVALID` and names the field, or `STG_CONFIG_INVALID`
 * for one that does not exist.
 */
export function checkPutOptions(options: PutOptions, from: 'function' | 'outside'): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('put: options must be an object')
  checkKnown('put', options, from === 'outside' ? fromOutside : inFunctions)
  if (options.role !== undefined) checkedName('role', options.role)
  if (options.producer !== undefined) checkedName('producer', options.producer)
  if (options.id !== undefined) checkedName('id', options.id)
  if (options.et !== undefined && !Number.isFinite(options.et))
    throw new TypeError('put: et must be a number, ms since epoch')
  if (options.meta !== undefined && (typeof options.meta !== 'object' || options.meta === null))
    throw new TypeError('put: meta must be an object')
  if (options.group !== undefined) checkGroups(options.group)
}

const maxGroups = 64

function checkGroups(group: string | readonly string[]): void {
  if (typeof group === 'string') return void checkedName('group', group)
  if (!Array.isArray(group) || group.length === 0 || group.length > maxGroups)
    throw new StigmergyError(
      'STG_OBJECT_KEY_INVALID',
      `group must be a name or a list of 1 to ${maxGroups} names.`,
      { details: { field: 'group' } },
    )
  for (const name of group) checkedName('group', name)
}
