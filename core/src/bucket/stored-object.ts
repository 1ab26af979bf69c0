import type { ObjectStore, Producer, StoreHandle } from '../contract/index.js'
import type { InputObject, PutOptions } from '../app/handles.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { ArrivedValue, contentOf } from '../node/arrived-value.js'

/** Who puts, and under which name. */
export interface ObjectOrigin {
  readonly session: { readonly id: string }
  readonly key: string
  readonly hops: number
  readonly producer: Producer
}

/** Where objects are admitted: the same for many, so that each of them refers to one thing only. */
export interface ObjectHome {
  readonly app: string
  readonly bucket: string
  readonly store: ObjectStore
  /** Called when the last hold of an object has ended. */
  readonly freed?: (object: StoredObject) => void
}

/** What is known of an object when it is admitted. */
export interface ObjectFacts {
  readonly seq: number
  readonly at: number
  readonly bytes: number
}

/**
 * An object of this worker. Triggers see it as an `ObjectRef`, functions as an `InputObject`. It is freed when its last hold ends:
 * a session holds its objects until it is over, a bucket-scoped trigger what is pending, a firing in another session its inputs.
 */
export class StoredObject implements InputObject {
  readonly bucket: string
  readonly session: string
  readonly key: string
  readonly seq: number
  readonly at: number
  readonly bytes: number
  readonly hops: number
  readonly producer: Producer
  declare readonly et?: number
  declare readonly group?: string
  declare readonly groups?: readonly string[]
  declare readonly role?: string
  declare readonly occurrence?: number
  declare readonly meta?: Readonly<Record<string, unknown>>
  readonly #home: ObjectHome
  readonly #handle: StoreHandle
  #holds = 1
  /** Whether its session is over. A later session may have the same name. */
  outlivesSession = false

  /** Begins with one hold, its maker's. */
  constructor(home: ObjectHome, origin: ObjectOrigin, { seq, at, bytes }: ObjectFacts, handle: StoreHandle) {
    this.bucket = home.bucket
    this.session = origin.session.id
    this.key = origin.key
    this.seq = seq
    this.at = at
    this.bytes = bytes
    this.hops = origin.hops
    this.producer = origin.producer
    this.#home = home
    this.#handle = handle
  }

  get value(): unknown {
    if (this.#holds === 0) throw released(this)
    return contentOf(this.#home.store.read(this.#handle))
  }

  /** The value's place in the store of this worker. Throws `STG_OBJECT_RELEASED`. */
  get handle(): StoreHandle {
    if (this.#holds === 0) throw released(this)
    return this.#handle
  }

  /** Whether it was put into this bucket, and not into one of the same name in another app. */
  isIn(app: string, bucket: string): boolean {
    return this.bucket === bucket && this.#home.app === app
  }

  hold(): void {
    if (this.#holds === 0) throw released(this)
    this.#holds += 1
  }

  /** Ends the hold of its session, which is over. */
  endSession(): void {
    this.outlivesSession = true
    this.letGo()
  }

  letGo(): void {
    this.#holds -= 1
    if (this.#holds > 0) return
    this.#home.freed?.(this)
    try {
      this.#home.store.release(this.#handle)
    } catch (error) {
      process.emitWarning(asError(error)) // the store's trouble is not the trouble of whoever was the last to hold
    }
  }
}

/** Adds the facts that only some objects have. */
export function withOptions(
  object: StoredObject,
  options: PutOptions,
  occurrence: number | undefined,
): StoredObject {
  const { et, group, role, meta } = options
  const own: Partial<Record<string, unknown>> = object as never
  if (et !== undefined) own['et'] = et
  if (typeof group === 'string') own['group'] = group
  else if (group !== undefined) own['groups'] = Object.freeze([...group])
  if (role !== undefined) own['role'] = role
  if (occurrence !== undefined) own['occurrence'] = occurrence
  if (meta !== undefined) own['meta'] = Object.freeze({ ...meta })
  return object
}

/** Size of a value in bytes: exact for binary and for ASCII text, else a flat estimate, because measuring would read it all. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  if (value instanceof ArrivedValue) return value.bytes
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return value.byteLength
  return Array.isArray(value) ? 16 + 8 * value.length : 64
}

function released(object: StoredObject): StigmergyError {
  return new StigmergyError(
    'STG_OBJECT_RELEASED',
    `Object ${JSON.stringify(object.key)} of bucket ${object.bucket} has been freed: its session is over and nothing holds it. ` +
      'Keep the value, not the object, beyond the function.',
    { details: { bucket: object.bucket, session: object.session, key: object.key } },
  )
}
