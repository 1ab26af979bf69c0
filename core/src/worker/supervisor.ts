import type { Bucket } from '../bucket/bucket.js'
import type { StoredObject } from '../bucket/stored-object.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { Clock } from '../clock.js'
import { StigmergyError } from '../errors.js'
import type { ArmedTimer, TimerQueue } from '../timer-queue.js'
import type { Watch } from './function-slot.js'
import type { Invocation } from './invocation.js'

export interface SupervisorHost {
  readonly clock: Clock
  readonly timers: TimerQueue
  /** Whether the awaited object is there already. */
  has(invocation: Invocation, watch: Watch): boolean
  /** Begins one more attempt beside those that run. */
  rerun(invocation: Invocation): void
  /** Ends the invocation as failed. */
  giveUp(invocation: Invocation, error: StigmergyError): void
}

/** One awaited object of one running invocation. */
interface Vigil {
  readonly invocation: Invocation
  readonly watch: Watch
  timer: ArmedTimer | undefined
}

const none: readonly Vigil[] = []

/**
 * Supervises producers that a trigger expects something of: when the awaited object has not come in time, the producer
 * runs again beside the slow attempt, with growing pauses, and whichever attempt puts first wins. Only the awaited object or the end
 * of the invocation ends the watch.
 */
export class Supervisor {
  readonly #host: SupervisorHost
  /** By id: a firing that is driven again may run beside one of a later session of the same name. */
  readonly #ofInvocation = new Map<string, Vigil[]>()
  /** Those that await a key, by session and key. */
  readonly #ofKey = new Map<string, Map<string, Vigil[]>>()

  constructor(host: SupervisorHost) {
    this.#host = host
  }

  /** An attempt began, and has its time to deliver; the first one starts the watch. */
  started(invocation: Invocation): void {
    if (invocation.attempt === 1) this.#watch(invocation)
    for (const vigil of this.#vigils(invocation))
      this.#arm(vigil, vigil.watch.expectation.timeoutMs, () => this.#overdue(vigil))
  }

  /** No attempt runs at the moment: the next one begins for a reason of its own. */
  rests(invocation: Invocation): void {
    for (const vigil of this.#vigils(invocation)) this.#disarm(vigil)
  }

  /** An object came: watches that await it end. */
  admitted(bucket: Bucket, object: StoredObject): void {
    const ofKey = this.#ofKey.get(object.session)?.get(object.key) ?? []
    const ofInvocation = this.#ofInvocation.get(object.producer.invocation) ?? []
    for (const vigil of [...ofKey, ...ofInvocation]) if (awaits(vigil, bucket, object)) this.#end(vigil)
  }

  /** What some trigger still awaits of the invocation. */
  missing(invocation: Invocation): readonly Watch[] {
    return this.#vigils(invocation).map(({ watch }) => watch)
  }

  /** ms until another attempt, after the last one has failed; undefined when there is to be none. */
  rerunDelay(invocation: Invocation): number | undefined {
    const delays = this.missing(invocation).map((watch) => nextDelay(watch, invocation.attempt))
    const wanted = delays.filter((delay) => delay !== undefined)
    return wanted.length === 0 ? undefined : Math.min(...wanted)
  }

  /** Ends all watches of the invocation. */
  forget(invocation: Invocation): void {
    for (const vigil of this.#vigils(invocation)) this.#end(vigil)
  }

  /** Ends all watches for a trigger that gets nothing any more. */
  forgetTrigger(cell: TriggerCell): void {
    for (const vigil of [...this.#ofInvocation.values()].flat())
      if (vigil.watch.cell === cell) this.#end(vigil)
  }

  #watch(invocation: Invocation): void {
    const awaited = invocation.slot.watches.filter((watch) => !this.#host.has(invocation, watch))
    if (awaited.length === 0) return
    const vigils = awaited.map((watch): Vigil => ({ invocation, watch, timer: undefined }))
    for (const vigil of vigils) {
      addTo(this.#ofInvocation, invocation.id, vigil)
      const { key } = vigil.watch.expectation
      if (key !== undefined) this.#keyed(invocation.session, key).push(vigil)
    }
  }

  #vigils(invocation: Invocation): readonly Vigil[] {
    return (this.#ofInvocation.get(invocation.id) ?? none).filter((vigil) => vigil.invocation === invocation)
  }

  #overdue(vigil: Vigil): void {
    const { invocation, watch } = vigil
    const delay = nextDelay(watch, invocation.attempt)
    if (delay === undefined) this.#host.giveUp(invocation, exhausted(vigil))
    else this.#arm(vigil, delay, () => this.#host.rerun(invocation))
  }

  #arm(vigil: Vigil, delayMs: number, run: () => void): void {
    this.#disarm(vigil)
    vigil.timer = this.#host.timers.arm(this.#host.clock.now() + delayMs, 'expect', run)
  }

  #disarm(vigil: Vigil): void {
    if (vigil.timer !== undefined) this.#host.timers.disarm(vigil.timer)
    vigil.timer = undefined
  }

  #end(vigil: Vigil): void {
    this.#disarm(vigil)
    const { invocation, watch } = vigil
    removeFrom(this.#ofInvocation, invocation.id, vigil)
    const { key } = watch.expectation
    const keyed = this.#ofKey.get(invocation.session)
    if (key === undefined || keyed === undefined) return
    removeFrom(keyed, key, vigil)
    if (keyed.size === 0) this.#ofKey.delete(invocation.session)
  }

  #keyed(session: string, key: string): Vigil[] {
    const keyed = this.#ofKey.get(session) ?? new Map<string, Vigil[]>()
    const vigils = keyed.get(key) ?? []
    this.#ofKey.set(session, keyed.set(key, vigils))
    return vigils
  }
}

function addTo(index: Map<string, Vigil[]>, name: string, vigil: Vigil): void {
  index.set(name, [...(index.get(name) ?? none), vigil])
}

function removeFrom(index: Map<string, Vigil[]>, name: string, vigil: Vigil): void {
  const left = (index.get(name) ?? []).filter((other) => other !== vigil)
  if (left.length === 0) index.delete(name)
  else index.set(name, left)
}

function awaits({ invocation, watch }: Vigil, bucket: Bucket, object: StoredObject): boolean {
  if (object.session !== invocation.session || !bucket.cells.includes(watch.cell)) return false
  const { key } = watch.expectation
  return key === undefined ? object.producer.invocation === invocation.id : object.key === key
}

function nextDelay({ expectation }: Watch, attempts: number): number | undefined {
  const { maxAttempts, backoffMs, factor } = expectation
  return attempts >= maxAttempts ? undefined : Math.ceil(backoffMs * factor ** (attempts - 1))
}

function exhausted({ invocation, watch }: Vigil): StigmergyError {
  const { key, maxAttempts, timeoutMs } = watch.expectation
  const what = key === undefined ? 'an object' : `object ${JSON.stringify(key)}`
  return new StigmergyError(
    'STG_RERUN_EXHAUSTED',
    `Function ${invocation.fn} did not put ${what} into bucket ${watch.cell.definition.bucket} in ${maxAttempts} attempts of ${timeoutMs} ms.`,
    { details: { fn: invocation.fn, invocation: invocation.id, key, maxAttempts } },
  )
}
