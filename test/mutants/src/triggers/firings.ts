import type { Disposition, Firing, ObjectRef, TriggerContext } from '@stigmergy/core'
import { batch, Batch, batchSubject, type BatchState } from './batch.js'
import { brokenBatch, brokenPeriod, mutant } from './mutant.js'
import { period, Period, type PeriodState } from './period.js'

@batch
class FiresTwice extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    const firings = super.fire(state, ctx)
    return [...firings, ...firings]
  }
}

@batch
class FiresAfterAReset extends Batch {
  #all: ObjectRef[] = []

  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    this.#all.push(object)
    if (state.held.length + 1 < this.options.size) return super.onObject(state, object, ctx)
    super.fire(state, ctx)
    return [{ objects: this.#all.splice(0) }]
  }
}

@batch
class DisposesWhatItFires extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    for (const object of state.held) ctx.dispose(object, 'superseded')
    return super.fire(state, ctx)
  }
}

@batch
class DisposesForNoKnownReason extends Batch {
  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (object.bytes > 0) return super.onObject(state, object, ctx)
    ctx.dispose(object, 'boring' as Disposition)
    return []
  }
}

@batch
class FiresNothing extends Batch {
  override onFlush(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onFlush(state, ctx)
    return firings.length === 0 ? [{ objects: [] }] : firings
  }
}

@batch
class FiresAnUnlistedFunction extends Batch {
  override onFlush(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    return super.onFlush(state, ctx).map((firing) => ({ ...firing, target: 'elsewhere' }))
  }
}

@batch
class ClearsWhatItHasFired extends Batch {
  protected override fire(
    state: BatchState & { last?: ObjectRef[] },
    ctx: TriggerContext,
  ): readonly Firing[] {
    const objects = state.held
    if (objects.length === 0) return []
    if (state.last !== undefined) state.last.length = 0
    state.last = objects
    state.held = []
    this.close(state, ctx)
    return [{ objects }]
  }
}

@batch
class FiresOneTooEarly extends Batch {
  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    return state.held.length === 2 ? this.fire(state, ctx) : firings
  }
}

@batch
class FiresBackwards extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    state.held.reverse()
    return super.fire(state, ctx)
  }
}

@batch
class ForgetsToSayPartial extends Batch {
  protected override fire(state: BatchState, ctx: TriggerContext): readonly Firing[] {
    return super.fire(state, ctx).map(({ objects }) => ({ objects }))
  }
}

@period
class EndsPeriodsEarly extends Period {
  override onObject(state: PeriodState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    ctx.timers.set('end', this.end(state) - 1)
    return firings
  }
}

@period
class PutsTheEndInto extends Period {
  override onObject(state: PeriodState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (state.held.length === 0 || object.at !== this.end(state)) return super.onObject(state, object, ctx)
    state.held.push(object)
    return []
  }
}

@batch
class FiresAtOneMoment extends Batch {
  override onObject(_state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (ctx.now === 12_345) return [{ objects: [object] }]
    ctx.dispose(object, 'filtered')
    return []
  }
}

/** Triggers that fire what they do not hold, at the wrong time, or something else. */
export const firingMutants = [
  brokenBatch('fires twice', 'C9 once', FiresTwice),
  brokenBatch('fires after a reset what it held before', 'C9 once', FiresAfterAReset),
  brokenBatch('disposes what it fires', 'C9 once', DisposesWhatItFires),
  brokenBatch('disposes for a reason of its own', 'C10 reasons', DisposesForNoKnownReason),
  brokenBatch('fires nothing', 'C18 empty', FiresNothing),
  brokenBatch('fires a function that it does not list', 'P22 targets', FiresAnUnlistedFunction),
  brokenBatch('clears what it has fired', 'P22 prefix-stability', ClearsWhatItHasFired),
  brokenBatch('fires one object too early', 'P22 examples', FiresOneTooEarly),
  brokenBatch('fires backwards', 'P22 examples', FiresBackwards),
  brokenBatch('does not say that a batch is partial', 'P22 examples', ForgetsToSayPartial),
  brokenPeriod('ends its periods a millisecond early', 'C5 windows', EndsPeriodsEarly),
  brokenPeriod('puts an object at the end of a period into it', 'C5 windows', PutsTheEndInto),
  mutant('hardly ever fires', 'P22 coverage', {
    ...batchSubject,
    primitive: FiresAtOneMoment,
    examples: [{ startMs: 12_345, given: ['a'], fires: [['a']] }],
  }),
]
