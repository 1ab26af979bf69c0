import type { BucketName, FunctionContext, PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import { checkedName } from '../app/names.js'
import { sizeOf } from '../bucket/stored-object.js'
import type { StoreHandle } from '../contract/index.js'
import { abort } from '../worker/attempt.js'
import { WaitingPut } from '../worker/waiting-put.js'
import type { GuestFired } from './guest-object.js'
import type { Parcel, Report } from './messages.js'
import { packSmall, type PackingParts } from './packing.js'
import { receivedError, type SentError } from './sent-error.js'

/** What a run needs of its worker. */
export interface GuestHost extends PackingParts {
  send(report: Report): void
}

/** A put or a reply that its home has not answered. */
interface Call {
  readonly resolve: (outcome: PutOutcome) => void
  readonly reject: (error: Error) => void
  /** Keeps the value alive until then. */
  readonly handle: StoreHandle | undefined
}

/** A function that runs here for another worker, and the context that it gets. */
export class GuestRun implements FunctionContext {
  readonly #host: GuestHost
  readonly #app: string
  readonly #calls = new Map<number, Call>()
  /** Those that have not ended, and those that have failed. */
  readonly #puts = new Set<WaitingPut>()
  #count = 0
  #controller: AbortController | undefined
  #aborted: { readonly reason: SentError | undefined } | undefined
  #isOver = false

  constructor(
    readonly id: number,
    readonly fired: GuestFired,
    readonly session: string,
    readonly attempt: number,
    app: string,
    host: GuestHost,
  ) {
    this.#app = app
    this.#host = host
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    this.#controller = new AbortController()
    this.#passOnAbort()
    return this.#controller.signal
  }

  get put(): FunctionContext['put'] {
    return (bucket, key, value, options) => this.#put(bucket, key, value, options)
  }

  get reply(): (value: unknown) => void {
    return (value) => {
      const reply = this.#ship(value, (call, parcel) => ({
        kind: 'reply',
        run: this.id,
        call,
        parcel,
      }))
      void this.#follow(new WaitingPut(reply))
    }
  }

  get closed(): (bucket: BucketName, fact: UserFact) => void {
    return (name, fact) => {
      const { app, bucket } = checkedBucket('closed', name)
      this.#host.send({ kind: 'closed', run: this.id, app, bucket, fact })
    }
  }

  get allocate(): FunctionContext['allocate'] {
    return async (bytes) => (await this.#host.store.allocate?.(bytes)) ?? new Uint8Array(bytes)
  }

  /** The home has answered a put or a reply. */
  answered(call: number, outcome: PutOutcome | SentError): void {
    const asked = this.#calls.get(call)
    if (asked === undefined) return
    this.#calls.delete(call)
    if (asked.handle !== undefined) this.#host.store.release(asked.handle)
    if (typeof outcome === 'string') asked.resolve(outcome)
    else asked.reject(receivedError(outcome))
  }

  /** The home has given the run up. */
  abort(reason: SentError | undefined): void {
    this.#aborted = { reason }
    this.#passOnAbort()
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined
  }

  /** Whether puts or replies wait for their answers. */
  get isWaiting(): boolean {
    return this.#puts.size > 0
  }

  /** Resolves when all has been answered. Rejects with a failure that the function has not asked for: that is the function's own. */
  async settled(): Promise<void> {
    const puts = [...this.#puts]
    await Promise.all(puts.map((put) => put.over))
    const lost = puts.find((put) => put.lostFailure !== undefined)?.lostFailure
    if (lost !== undefined) throw lost.error
  }

  /** Ends the leases on the inputs. */
  release(): void {
    this.#isOver = true
    for (const object of this.fired.objects) object.release()
  }

  /** To whoever listens. Most functions do not, and errors are dear. */
  #passOnAbort(): void {
    if (this.#controller === undefined || this.#aborted === undefined) return
    const { reason } = this.#aborted
    abort(this.#controller, reason === undefined ? undefined : receivedError(reason))
  }

  #put(
    name: BucketName,
    key: string | undefined,
    value: unknown,
    options: PutOptions | undefined,
  ): Promise<PutOutcome> {
    const { app, bucket } = checkedBucket('put', name)
    if (key !== undefined) checkedName('key', key)
    const bytes = sizeOf(value)
    const outcome = this.#ship(value, (call, parcel) => ({
      kind: 'put',
      run: this.id,
      call,
      app: app === this.#app ? undefined : app,
      bucket,
      key,
      parcel,
      bytes,
      options,
    }))
    return this.#follow(new WaitingPut(outcome))
  }

  #follow(put: WaitingPut): WaitingPut {
    if (this.#isOver) return put
    this.#puts.add(put)
    void put.over.then(() => {
      if (!put.hasFailed) this.#puts.delete(put)
    })
    return put
  }

  /** Sends a value home; settles with the home's answer. A small one travels in the message, and needs no room. */
  #ship(value: unknown, report: (call: number, parcel: Parcel) => Report): Promise<PutOutcome> {
    const { store } = this.#host
    const bytes = sizeOf(value)
    const small = packSmall(value, bytes, this.#host)
    if (small !== undefined) return this.#call(report, small, undefined)
    const handle = store.put(value, bytes)
    return handle instanceof Promise
      ? handle.then((found) => this.#shipStored(report, found))
      : this.#shipStored(report, handle)
  }

  #shipStored(report: (call: number, parcel: Parcel) => Report, handle: StoreHandle): Promise<PutOutcome> {
    const { store } = this.#host
    let parcel: Parcel
    try {
      parcel = [store.describe(handle)]
    } catch (error) {
      store.release(handle)
      throw error
    }
    return this.#call(report, parcel, handle)
  }

  #call(
    report: (call: number, parcel: Parcel) => Report,
    parcel: Parcel,
    handle: StoreHandle | undefined,
  ): Promise<PutOutcome> {
    this.#count += 1
    const call = this.#count
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject, handle })
      this.#host.send(report(call, parcel))
    })
  }
}

function checkedBucket(call: string, name: BucketName): BucketName {
  if (typeof name?.bucket === 'string' && typeof name.app === 'string') return name
  throw new TypeError(`${call}: the bucket must be what app.bucket returned`)
}
