import type { AppManifest } from '../app/define-app.js'
import type { BucketName } from '../app/handles.js'
import { Bucket, type BucketPast } from '../bucket/bucket.js'
import { TriggerCell } from '../bucket/trigger-cell.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import { StigmergyError } from '../errors.js'
import { BucketDesk } from './bucket-desk.js'
import { FunctionSlot, type Watch } from './function-slot.js'
import { TriggerHost } from './trigger-host.js'
import type { Worker } from './worker.js'

/** An app at work on a worker: its functions, its buckets and their triggers. */
export class RunningApp {
  readonly name: string
  readonly functions: ReadonlyMap<string, FunctionSlot>
  readonly buckets = new Map<string, Bucket>()
  readonly host: TriggerHost
  /** Triggers that have been taken off their buckets and still let what they hold fire. */
  readonly leaving = new Set<TriggerCell>()
  readonly #worker: Worker
  readonly #desk: BucketDesk
  /** By the names of buckets, also of those that have been deleted. */
  readonly #pasts = new Map<string, BucketPast>()

  constructor(worker: Worker, manifest: AppManifest, triggers: readonly TriggerDefinition[]) {
    this.name = manifest.name
    this.#worker = worker
    this.host = new TriggerHost(worker, this)
    this.#desk = new BucketDesk(worker, this)
    this.functions = new Map(
      Array.from(manifest.functions, ([name, declared]) => [
        name,
        new FunctionSlot(manifest.name, declared, worker.elsewhere?.workers ?? 0),
      ]),
    )
    for (const { name, options } of manifest.buckets.values()) this.addBucket(name, options)
    for (const { name, options } of manifest.functions.values())
      for (const bucket of new Set(options.puts)) this.slot(name).puts.push(this.bucket(bucket))
    for (const trigger of triggers) this.#place(trigger)
    this.#setWatches()
  }

  addBucket(name: string, options: { readonly multi?: boolean; readonly rememberKeys?: number }): Bucket {
    const past = this.#pasts.get(name) ?? { generations: new Map<string, number>(), lastSeq: 0 }
    this.#pasts.set(name, past)
    const bucket = new Bucket(this.name, name, options, this.#desk, past)
    this.buckets.set(name, bucket)
    return bucket
  }

  addTrigger(definition: TriggerDefinition): TriggerCell {
    const cell = this.#place(definition)
    this.#setWatches()
    return cell
  }

  /** Takes a trigger off its bucket: it gets nothing more. */
  removeTrigger(bucket: Bucket, cell: TriggerCell): void {
    bucket.retire(cell)
    this.#setWatches()
    this.#worker.supervisor.forgetTrigger(cell)
  }

  removeBucket(bucket: Bucket): void {
    for (const cell of bucket.cells) this.removeTrigger(bucket, cell)
    bucket.leave()
    this.buckets.delete(bucket.name)
  }

  /** The bucket that a handle or a name means. Throws `STG_BUCKET_UNKNOWN`. */
  bucket(bucket: BucketName | string): Bucket {
    const name = typeof bucket === 'string' ? bucket : bucket?.bucket
    const found = this.buckets.get(name)
    if (found !== undefined && (typeof bucket === 'string' || bucket.app === this.name)) return found
    if (typeof bucket !== 'string' && bucket?.app !== this.name) throw this.#foreign(bucket)
    throw new StigmergyError(
      'STG_BUCKET_UNKNOWN',
      `App ${this.name} has no bucket ${JSON.stringify(name)}; it has ${[...this.buckets.keys()].join(', ') || 'none'}.`,
      {
        details: { app: this.name, bucket: name },
      },
    )
  }

  #foreign(bucket: BucketName | undefined): StigmergyError {
    return new StigmergyError(
      'STG_BUCKET_UNKNOWN',
      `App ${this.name} has buckets of its own only, not bucket ${JSON.stringify(bucket?.bucket)} of app ${JSON.stringify(bucket?.app)}.`,
      { details: { app: this.name, bucket: bucket?.bucket } },
    )
  }

  /** The function of this name. Throws `STG_FUNCTION_UNKNOWN`. */
  slot(name: string): FunctionSlot {
    const found = this.functions.get(name)
    if (found !== undefined) return found
    throw new StigmergyError(
      'STG_FUNCTION_UNKNOWN',
      `App ${this.name} has no function ${JSON.stringify(name)}; it has ${[...this.functions.keys()].join(', ') || 'none'}.`,
      {
        details: { app: this.name, fn: name },
      },
    )
  }

  #place(definition: TriggerDefinition): TriggerCell {
    const cell = new TriggerCell(definition, this.host)
    const bucket = this.bucket(definition.bucket)
    bucket.setCells([...bucket.cells, cell])
    return cell
  }

  /** Tells each function which triggers supervise it. */
  #setWatches(): void {
    const watches = new Map<string, Watch[]>()
    for (const { cells } of this.buckets.values())
      for (const cell of cells)
        for (const expectation of cell.common.expect) {
          const ofSource = watches.get(expectation.source) ?? []
          watches.set(expectation.source, [...ofSource, { cell, expectation }])
        }
    for (const slot of this.functions.values()) slot.watches = watches.get(slot.name) ?? []
  }
}
