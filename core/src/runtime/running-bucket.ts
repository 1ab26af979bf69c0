import { checkFields, oneOf } from '../app/fields.js'
import type { FunctionHandle } from '../app/handles.js'
import type { TriggerOptions } from '../app/trigger-options.js'
import type { Bucket } from '../bucket/bucket.js'
import { checkRoomToWait } from '../bucket/cell-waiting.js'
import { type Route, routeTo } from '../bucket/route.js'
import type { StoredObject } from '../bucket/stored-object.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import type { Part } from '../contract/index.js'
import { sharedBucket } from '../cluster/check-shared.js'
import { StigmergyError } from '../errors.js'
import { checkedSpec, type TriggerSpec } from '../primitive.js'
import type { RunningApp } from '../worker/running-app.js'
import type { Worker } from '../worker/worker.js'
import type { BucketState, RunningBucket, RunningTrigger } from './face.js'
import type { Registry } from './registry.js'

/** A bucket of a running app as its operator sees it. */
export class BucketControl implements RunningBucket {
  readonly #worker: Worker
  readonly #app: RunningApp
  readonly #bucket: Bucket
  readonly #registry: Registry

  constructor(worker: Worker, app: RunningApp, bucket: Bucket, registry: Registry) {
    this.#worker = worker
    this.#app = app
    this.#bucket = bucket
    this.#registry = registry
  }

  get name(): string {
    return this.#bucket.name
  }

  get state(): BucketState {
    return this.#bucket.state
  }

  get triggers(): readonly RunningTrigger[] {
    return this.#bucket.cells.map((cell) => this.#control(cell))
  }

  trigger(name: string): RunningTrigger {
    return this.#control(this.#cell(name))
  }

  add<T>(
    spec: TriggerSpec,
    target: FunctionHandle<T> | string,
    options: TriggerOptions<T> = {},
  ): RunningTrigger {
    this.#checkOwn('add a trigger')
    if (this.#bucket.state !== 'open') throw this.#notOpen('add a trigger')
    const fn = this.#functionOf(target)
    const name = options?.name ?? fn
    if (this.#bucket.cells.some((cell) => cell.definition.name === name))
      throw new StigmergyError(
        'STG_CONFIG_NAME',
        `Bucket ${this.name} has a trigger called ${JSON.stringify(name)}.`,
        { details: { name } },
      )
    const definition = this.#define(spec, fn, options, this.#bucket.nextGeneration(name))
    const retained = this.#retained(definition)
    const cell = this.#app.addTrigger(definition)
    for (const object of retained) this.#replay(cell, object)
    return this.#control(cell)
  }

  async remove(name: string, how: 'drain' | 'discard' = 'drain'): Promise<void> {
    this.#checkOwn('remove a trigger')
    checkFields('remove', { how }, { how: oneOf('drain', 'discard') })
    const cell = this.#cell(name)
    this.#app.removeTrigger(this.#bucket, cell)
    if (how === 'drain') await this.#letLeave(cell)
    this.#drop(cell)
  }

  seal(): void {
    this.#checkOwn('seal it')
    if (this.#bucket.state === 'open') this.#bucket.state = 'sealed'
  }

  async drain(): Promise<void> {
    this.#checkOwn('drain it')
    if (this.#bucket.state === 'deleted') throw this.#notOpen('drain it')
    this.#bucket.state = 'draining'
    await this.#drain(this.#bucket.cells)
    if (this.#bucket.state === 'draining') this.#bucket.state = 'sealed'
  }

  delete(how?: 'discard'): void {
    this.#checkOwn('delete it')
    checkFields('delete', { how }, { how: oneOf('discard') })
    const holding = this.#bucket.cells.filter(holdsAnything)
    if (holding.length > 0 && how !== 'discard') throw this.#pending(holding)
    this.#bucket.state = 'deleted' // listeners hear of what is dropped, and may add triggers
    for (const cell of this.#bucket.cells) this.#drop(cell)
    this.#app.removeBucket(this.#bucket)
    this.#worker.nudge()
  }

  /** What is shared by the nodes of a cluster is not this one's to change. */
  #checkOwn(what: string): void {
    if (this.#bucket.shared?.hasAny === true) throw sharedBucket(this.name, what)
  }

  async #letLeave(cell: TriggerCell): Promise<void> {
    this.#app.leaving.add(cell)
    this.#resume(cell) // nobody else can any more
    await this.#drain([cell])
    this.#app.leaving.delete(cell)
  }

  /** Fires what a session's end would not, and waits until nothing is held or runs. */
  async #drain(cells: readonly TriggerCell[]): Promise<void> {
    for (const cell of cells)
      for (const partition of [...cell.partitions]) if (!partition.isOfSession) cell.flush(partition)
    await this.#worker.until(() => !cells.some((cell) => mayFire(cell) || this.#worker.runsFor(cell)))
  }

  #resume(cell: TriggerCell): void {
    this.#withSessions(cell, () => cell.resume())
  }

  #drop(cell: TriggerCell): void {
    this.#withSessions(cell, () => cell.end('trigger-removed'))
  }

  /** Has the sessions looked at afterwards that could not end because their events waited in this trigger. */
  #withSessions(cell: TriggerCell, act: () => void): void {
    const heldUp = [...cell.partitions].filter(({ queue }) => queue !== undefined)
    act()
    const { sessions, scheduler } = this.#worker
    for (const { name } of heldUp) {
      const session = name.session === undefined ? undefined : sessions.find(name.session)
      if (session !== undefined) scheduler.lookAt(session)
    }
  }

  #control(cell: TriggerCell): RunningTrigger {
    const { definition } = cell
    const each = (act: (cell: TriggerCell) => void) => () => act(this.#cell(definition.name))
    return {
      id: cell.id,
      name: definition.name,
      primitive: definition.meta.name,
      target: definition.target,
      get paused() {
        return cell.paused
      },
      get partitions() {
        return cell.partitions.size
      },
      get ledger() {
        return cell.readLedger()
      },
      pause: each((now) => now.pause()),
      resume: each((now) => this.#resume(now)),
      flush: each((now) => {
        const partitions = [...now.partitions]
        for (const partition of partitions) checkRoomToWait(partition, 'flush')
        for (const partition of partitions) now.flush(partition)
      }),
      reset: each((now) =>
        this.#withSessions(now, () => [...now.partitions].forEach((partition) => now.reset(partition))),
      ),
      change: (spec) => this.#cell(definition.name).change(this.#changed(this.#cell(definition.name), spec)),
    }
  }

  #functionOf(target: FunctionHandle<never> | string): string {
    if (typeof target !== 'string' && typeof target?.fn !== 'string')
      throw new TypeError('add(trigger, target): target must be a function of the app, or its name')
    const { app, fn } = typeof target === 'string' ? { app: this.#app.name, fn: target } : target
    if (app === this.#app.name) return this.#app.slot(fn).name
    throw new StigmergyError(
      'STG_FUNCTION_UNKNOWN',
      `Function ${fn} is of app ${app}; a trigger on a bucket of app ${this.#app.name} needs one of its functions.`,
      { details: { app, fn } },
    )
  }

  #changed({ definition }: TriggerCell, spec: TriggerSpec): TriggerDefinition {
    if (checkedSpec(this.name, spec).primitive !== definition.meta.name)
      throw new StigmergyError(
        'STG_CONFIG_INVALID',
        `Trigger ${definition.bucket}.${definition.name} is a ${definition.meta.name}; remove it and add a ${spec.primitive}.`,
      )
    const { target, name, generation, common } = definition
    const made = this.#define(spec, target, { name }, generation + 1)
    if (!isMadeAlike(definition, made))
      throw new StigmergyError(
        'STG_CONFIG_INVALID',
        `Trigger ${definition.bucket}.${definition.name} is made of other parts than that; remove it and add it anew.`,
      )
    return { ...made, common }
  }

  #define(
    spec: TriggerSpec,
    target: string,
    options: TriggerOptions<never>,
    generation: number,
  ): TriggerDefinition {
    const request = { app: this.#app.name, bucket: this.name, spec, target, options, generation }
    return this.#registry.define(request, new Set(this.#app.functions.keys()))
  }

  /** The retained objects that a new trigger is to see, oldest first. */
  #retained({ common }: TriggerDefinition): readonly StoredObject[] {
    const { since } = common
    if (since === 'now') return []
    const wanted = (object: StoredObject): boolean => {
      if (since === 'earliest') return true
      return 'seq' in since ? object.seq > since.seq : object.at >= since.time
    }
    return this.#worker
      .retained(this.#bucket)
      .filter(wanted)
      .sort((a, b) => a.seq - b.seq)
  }

  #replay(cell: TriggerCell, object: StoredObject): void {
    const route = this.#routeOf(cell, object)
    if (!('reason' in route)) cell.offer(route, object)
    else cell.turnAway(object, route.reason)
  }

  /** Nobody puts these objects now, so nobody can be told to put them again later. */
  #routeOf(cell: TriggerCell, object: StoredObject): Route {
    try {
      return routeTo(cell, object)
    } catch (error) {
      if (StigmergyError.is(error, 'STG_TRIGGER_BUSY')) return { reason: 'overflow' }
      throw error
    }
  }

  #cell(name: string): TriggerCell {
    const found = this.#bucket.cells.find((cell) => cell.definition.name === name)
    if (found !== undefined) return found
    const names = this.#bucket.cells.map((cell) => cell.definition.name).join(', ') || 'none'
    throw new StigmergyError(
      'STG_TRIGGER_UNKNOWN',
      `Bucket ${this.name} has no trigger ${JSON.stringify(name)}; it has ${names}.`,
      {
        details: { bucket: this.name, trigger: name },
      },
    )
  }

  #notOpen(what: string): StigmergyError {
    return new StigmergyError('STG_BUCKET_SEALED', `Bucket ${this.name} is ${this.state}; cannot ${what}.`, {
      details: { bucket: this.name },
    })
  }

  #pending(cells: readonly TriggerCell[]): StigmergyError {
    const held = cells.map((cell) => `${cell.id} holds ${cell.readLedger().pending}`).join(', ')
    return new StigmergyError(
      'STG_BUCKET_PENDING',
      `Bucket ${this.name} cannot be deleted: ${held}; drain() it first, or delete('discard').`,
      {
        details: { bucket: this.name, triggers: cells.map(({ id }) => id) },
      },
    )
  }
}

function holdsAnything(cell: TriggerCell): boolean {
  for (const { pending } of cell.partitions) if (pending.size > 0) return true
  return false
}

/** Whether it holds something that is not stuck behind a fault. */
function mayFire(cell: TriggerCell): boolean {
  for (const { pending, phase } of cell.partitions) if (pending.size > 0 && phase === 'open') return true
  return false
}

/** Whether the state of one is a state of the other: it has a state for each part, by its place. */
function isMadeAlike(one: Part, other: Part): boolean {
  if (one.meta.name !== other.meta.name || one.parts.length !== other.parts.length) return false
  return one.parts.every((part, at) => isMadeAlike(part, other.parts[at]!))
}
