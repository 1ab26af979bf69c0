import type { Fired, InputObject } from '../app/handles.js'
import type { ObjectRef, Producer } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { ArrivedValue } from './arrived-value.js'
import type { SentFiring } from './messages.js'

/** An object of another worker, as a function that runs here gets it. It can be read until the function has ended. */
export class GuestObject implements InputObject {
  readonly bucket: string
  readonly key: string
  readonly session: string
  readonly seq: number
  readonly at: number
  readonly bytes: number
  readonly hops: number
  readonly producer: Producer
  #value: ArrivedValue | undefined

  constructor(ref: ObjectRef, value: ArrivedValue) {
    const { bucket, key, session, seq, at, bytes, hops, producer, ...rare } = ref
    this.bucket = bucket
    this.key = key
    this.session = session
    this.seq = seq
    this.at = at
    this.bytes = bytes
    this.hops = hops
    this.producer = producer
    this.#value = value
    Object.assign(this, rare)
  }

  get value(): unknown {
    if (this.#value === undefined)
      throw new StigmergyError(
        'STG_OBJECT_RELEASED',
        `Object ${JSON.stringify(this.key)} of bucket ${this.bucket} was an input of a function that has ended here. ` +
          'Keep the value, not the object, beyond the function.',
        { details: { bucket: this.bucket, session: this.session, key: this.key } },
      )
    return this.#value.content
  }

  /** Ends the lease on the value. */
  release(): void {
    this.#value?.leave()
    this.#value = undefined
  }
}

const noMissing: readonly string[] = []
const noMeta: Readonly<Record<string, unknown>> = {}

/** What a function that runs for another worker is run with. */
export class GuestFired implements Fired {
  readonly #fn: string
  readonly #firing: SentFiring | undefined

  constructor(
    readonly id: string,
    readonly objects: readonly GuestObject[],
    readonly trigger: string | undefined,
    firing: SentFiring | undefined,
    fn: string,
  ) {
    this.#firing = firing
    this.#fn = fn
  }

  get value(): unknown {
    if (this.objects.length === 1) return this.objects[0]!.value
    throw new TypeError(
      `fired.value needs one object; function ${this.#fn} was fired with ${this.objects.length}: use fired.objects`,
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
}
