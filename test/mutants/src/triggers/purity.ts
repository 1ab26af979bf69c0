import { randomUUID } from 'node:crypto'
import type { Firing, ObjectRef, Status, TriggerContext } from '@stigmergy/core'
import { batch, Batch, type BatchOptions, type BatchState } from './batch.js'
import { brokenBatch } from './mutant.js'

@batch
class ReadsTheClock extends Batch {
  protected override open(state: BatchState, ctx: TriggerContext): void {
    state.until = ctx.now + this.options.waitMs
    ctx.timers.set('wait', Date.now() + this.options.waitMs)
  }
}

@batch
class MakesADate extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    return super.fire(state, ctx).map((firing) => ({ ...firing, meta: { year: new Date().getFullYear() } }))
  }
}

@batch
class Gambles extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    state.held.sort(() => Math.random() - 0.5)
    return super.fire(state, ctx)
  }
}

@batch
class TagsWithAnUuid extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    return super.fire(state, ctx).map((firing) => ({ ...firing, tag: randomUUID() }))
  }
}

@batch
class StartsATimer extends Batch {
  protected override open(state: BatchState, ctx: TriggerContext): void {
    super.open(state, ctx)
    setTimeout(() => undefined, 0)
  }
}

@batch
class WritesToObjects extends Batch {
  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    Object.assign(object, { group: 'mine' })
    return super.onObject(state, object, ctx)
  }
}

@batch
class WritesToOptions extends Batch {
  override onFlush(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    Object.assign(this.options, { size: 2 })
    return super.onFlush(state, ctx)
  }
}

@batch
class KeepsItsContext extends Batch {
  #ctx: TriggerContext | undefined

  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    this.#ctx ??= ctx
    return super.onObject(state, object, this.#ctx)
  }
}

@batch
class CountsDescriptions extends Batch {
  override describe(state: BatchState & { described?: number }): Status {
    state.described = (state.described ?? 0) + 1
    return super.describe(state)
  }
}

@batch
class RemembersOtherRuns extends Batch {
  static batches = 0

  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    return super
      .fire(state, ctx)
      .map((firing) => ({ ...firing, meta: { number: RemembersOtherRuns.batches++ } }))
  }
}

@batch
class CountsInAField extends Batch {
  #count = 0

  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    this.#count += 1
    if (state.held.length === 0) this.open(state, ctx)
    state.held.push(object)
    return this.#count % this.options.size === 0 ? this.fire(state, ctx) : []
  }
}

@batch
class SharesItsState extends Batch {
  readonly #state: BatchState

  constructor(options: BatchOptions) {
    super(options)
    this.#state = super.initialState()
  }

  override initialState(): BatchState {
    return this.#state
  }
}

/** Triggers that depend on more than their state and the events, or change more than their state. */
export const purityMutants = [
  brokenBatch('reads the clock', 'C1 purity', ReadsTheClock),
  brokenBatch('asks what year it is', 'C1 purity', MakesADate),
  brokenBatch('orders objects by chance', 'C1 purity', Gambles),
  brokenBatch('makes a random tag', 'C1 purity', TagsWithAnUuid),
  brokenBatch('starts a timer of its own', 'C1 purity', StartsATimer),
  brokenBatch('writes to objects', 'C1 purity', WritesToObjects),
  brokenBatch('writes to its options', 'C1 purity', WritesToOptions),
  brokenBatch('keeps its context', 'C1 context', KeepsItsContext),
  brokenBatch('counts how often it is described', 'C1 pure-describe', CountsDescriptions),
  brokenBatch('remembers other runs in a static field', 'C1 determinism', RemembersOtherRuns),
  brokenBatch('counts in a field', 'C1 no-fields', CountsInAField),
  brokenBatch('gives every partition the same state', 'P22 isolation', SharesItsState),
]
