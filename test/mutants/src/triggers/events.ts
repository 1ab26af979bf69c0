import type { Closed, Firing, ObjectRef, TriggerContext } from '@stigmergy/core'
import { batch, Batch, type BatchState } from './batch.js'
import { join, Join, type JoinState } from './join.js'
import { brokenBatch, brokenJoin } from './mutant.js'

@batch
class ThrowsAtFacts extends Batch {
  override onClosed(_state: BatchState, { scope }: Closed): readonly Firing[] {
    if (scope === 'session' || scope === 'producer' || scope === 'invocation') return []
    throw new Error(`${scope} is not for me`)
  }
}

@batch
class ThrowsAtOddKeys extends Batch {
  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (object.key.includes(':')) throw new Error('keys have no colon')
    return super.onObject(state, object, ctx)
  }
}

@batch
class TakesEveryTimerForItsOwn extends Batch {
  override onTimer(state: BatchState, _timer: string, ctx: TriggerContext): readonly Firing[] {
    return this.fire(state, ctx)
  }
}

@batch
class TakesEveryFactForTheEnd extends Batch {
  override onClosed(state: BatchState, { scope }: Closed, ctx: TriggerContext): readonly Firing[] {
    return scope === 'producer' ? [] : this.fire(state, ctx)
  }
}

@join
class CountsFailuresTwice extends Join {
  override onClosed(state: JoinState, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    return super.onClosed(state, { ...fact, name: `${fact.name}/${state.failed.size}` }, ctx)
  }
}

@batch
class CountsFlushes extends Batch {
  override onFlush(state: BatchState & { flushes?: number }, ctx: TriggerContext): readonly Firing[] {
    state.flushes = (state.flushes ?? 0) + 1
    return super.onFlush(state, ctx)
  }
}

/** Triggers that cannot cope with what happens. */
export const eventMutants = [
  brokenBatch('throws at facts that it does not expect', 'P22 totality', ThrowsAtFacts),
  brokenBatch('throws at odd keys', 'P22 totality', ThrowsAtOddKeys),
  brokenBatch('takes every timer for its own', 'P22 unknown-events', TakesEveryTimerForItsOwn),
  brokenBatch('takes every fact for the end', 'P22 unknown-events', TakesEveryFactForTheEnd),
  brokenJoin('counts a repeated failure', 'P22 idempotent-facts', CountsFailuresTwice),
  brokenBatch('counts flushes that give nothing', 'P22 idempotent-facts', CountsFlushes),
]
