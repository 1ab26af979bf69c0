import { primitive, Trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, PrimitiveMeta, Status, TriggerContext } from '@stigmergy/core'
import type { TriggerSubject } from '@stigmergy/conformance'
import { z } from 'zod'

export interface BatchOptions {
  readonly size: number
  readonly waitMs: number
}

export interface BatchState {
  held: ObjectRef[]
  /** When the batch fires at the latest; null while nothing is held. */
  until: number | null
}

export const batchMeta: PrimitiveMeta<BatchOptions> = {
  name: 'batch',
  scope: 'bucket',
  stateVersion: 1,
  options: z.strictObject({ size: z.int().min(1), waitMs: z.int().min(1) }),
}

/** What mutants are marked with: they claim to be a batch. */
export const batch = primitive(batchMeta)

/** Fires `size` objects together, or fewer when the first of them has waited `waitMs`. Keeps every law. */
@batch
export class Batch extends Trigger<BatchOptions, BatchState> {
  initialState(): BatchState {
    return { held: [], until: null }
  }

  onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (state.held.length === 0) this.open(state, ctx)
    state.held.push(object)
    return state.held.length === this.options.size ? this.fire(state, ctx) : []
  }

  override onTimer(state: BatchState, timer: string, ctx: TriggerContext): readonly Firing[] {
    return timer === 'wait' ? this.fire(state, ctx) : []
  }

  override onFlush(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    return this.fire(state, ctx)
  }

  override onEvict(state: BatchState, object: ObjectRef, ctx: TriggerContext): void {
    state.held = state.held.filter(({ seq }) => seq !== object.seq)
    if (state.held.length === 0) this.close(state, ctx)
  }

  describe(state: BatchState): Status {
    const count = this.options.size - state.held.length
    return { held: state.held, awaiting: state.until === null ? { count } : { count, until: state.until } }
  }

  protected open(state: BatchState, ctx: TriggerContext): void {
    state.until = ctx.now + this.options.waitMs
    ctx.timers.set('wait', state.until)
  }

  protected close(state: BatchState, ctx: TriggerContext): void {
    state.until = null
    ctx.timers.clear('wait')
  }

  protected fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    const objects = state.held
    if (objects.length === 0) return []
    state.held = []
    this.close(state, ctx)
    return [objects.length < this.options.size ? { objects, partial: true } : { objects }]
  }
}

/** What a batch is tested with, whichever class claims to be one. */
export const batchSubject: TriggerSubject<BatchOptions> = {
  primitive: Batch,
  options: {
    valid: [
      { size: 3, waitMs: 10 },
      { size: 1, waitMs: 1 },
      { size: 6, waitMs: 50 },
    ],
    invalid: [{ size: 0, waitMs: 10 }, { size: 3 }, { size: 1.5, waitMs: 10 }],
  },
  examples: [
    { name: 'a full batch fires', given: ['a', 'b', 'c', 'd'], fires: [['a', 'b', 'c']], held: ['d'] },
    { name: 'the rest fires in time', given: ['a', 'b', { advance: 9 }], fires: [], held: ['a', 'b'] },
    {
      name: 'and not later',
      given: ['a', { advance: 9 }, 'b', { advance: 1 }],
      fires: [['a', 'b']],
      partial: [true],
    },
    {
      name: 'the time counts from the first object of each batch',
      given: ['a', { advance: 5 }, 'b', 'c', 'd', { advance: 9 }],
      fires: [['a', 'b', 'c']],
    },
  ],
}
