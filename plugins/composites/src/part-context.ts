import type {
  Disposition,
  ObjectRef,
  PartitionName,
  TriggerContext,
  TriggerTimers,
  Unsatisfied,
} from '@stigmergy/core'
import type { Turn } from './turn.js'

/** The context of a part: its timers and tags have its place before their names, and what it lets go others may still hold. */
export class PartContext implements TriggerContext {
  readonly timers: TriggerTimers
  /** Why the part can never be satisfied, if it has said so. */
  report: Unsatisfied | undefined
  readonly #turn: Turn
  readonly #ctx: TriggerContext
  readonly #at: number

  constructor(turn: Turn, at: number) {
    this.#turn = turn
    this.#ctx = turn.ctx
    this.#at = at
    this.timers = {
      set: (name, atMs) => turn.setTimer(at, name, atMs),
      clear: (name) => turn.clearTimer(at, name),
    }
  }

  get now(): number {
    return this.#ctx.now
  }

  get trigger(): string {
    return this.#ctx.trigger
  }

  get partition(): PartitionName {
    return this.#ctx.partition
  }

  dispose(object: ObjectRef, reason: Disposition): void {
    this.#turn.letGoOf(this.#at, object, reason)
  }

  release(object: ObjectRef): void {
    this.#turn.letGoOf(this.#at, object, 'superseded')
  }

  unsatisfied(report: Unsatisfied): void {
    this.report ??= report
  }

  refuse(code: Parameters<TriggerContext['refuse']>[0], message: string): void {
    this.#ctx.refuse(code, message)
  }

  absorb(): void {
    this.#turn.absorb()
  }

  /** Other parts may wait for producers that are of no use to this one. */
  cancel(which: Parameters<TriggerContext['cancel']>[0]): void {
    if ('tag' in which) this.#ctx.cancel({ tag: placed(this.#at, which.tag) })
    else if (this.#turn.isAlone) this.#ctx.cancel(which)
  }

  random(): number {
    return this.#ctx.random()
  }
}

/** The name of a part's timer or tag in the trigger that it is a part of. */
export function placed(at: number, name: string): string {
  return `${at}:${name}`
}

/** The place of the part and its own name for it; undefined for a name that is of no part. */
export function placeOf(name: string): { readonly at: number; readonly name: string } | undefined {
  const end = name.indexOf(':')
  const at = name.slice(0, Math.max(0, end))
  return /^\d+$/.test(at) ? { at: Number(at), name: name.slice(end + 1) } : undefined
}

/** The object as a part sees it: as the result of a tagged firing only when that was its own. */
export function seenFrom(at: number, object: ObjectRef, trigger: string): ObjectRef {
  const { cause, ...producer } = object.producer
  if (cause === undefined || cause.trigger !== trigger) return object
  const place = placeOf(cause.tag)
  const own = place?.at === at ? { ...producer, cause: { trigger, tag: place.name } } : producer
  return { ...object, producer: own }
}
