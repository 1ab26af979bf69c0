import type { Firing, TriggerContext } from '@stigmergy/core'
import { batch, Batch, type BatchState } from './batch.js'
import { brokenBatch } from './mutant.js'

@batch
class ArmsOnlySometimes extends Batch {
  protected override open(state: BatchState, ctx: TriggerContext): void {
    state.until = ctx.now + this.options.waitMs
    if (state.until % 7 > 0) ctx.timers.set('wait', state.until)
  }
}

@batch
class KeepsItsFirstTimer extends Batch {
  protected override close(state: BatchState): void {
    state.until = null
  }

  protected override open(state: BatchState & { armed?: number }, ctx: TriggerContext): void {
    state.until = ctx.now + this.options.waitMs
    if ((state.armed ?? 0) > ctx.now) return
    state.armed = state.until
    ctx.timers.set('wait', state.until)
  }
}

@batch
class ArmsTooEarly extends Batch {
  protected override open(state: BatchState, ctx: TriggerContext): void {
    state.until = ctx.now + this.options.waitMs
    ctx.timers.set('wait', state.until - 1)
  }
}

@batch
class ArmsTooLate extends Batch {
  protected override open(state: BatchState, ctx: TriggerContext): void {
    state.until = ctx.now + this.options.waitMs
    ctx.timers.set('wait', state.until + 1)
  }
}

@batch
class IgnoresLateTimers extends Batch {
  override onTimer(state: BatchState, timer: string, ctx: TriggerContext): readonly Firing[] {
    return ctx.now === state.until ? super.onTimer(state, timer, ctx) : []
  }
}

@batch
class ThrowsAtLateTimers extends Batch {
  override onTimer(state: BatchState, timer: string, ctx: TriggerContext): readonly Firing[] {
    if (state.until !== null && ctx.now > state.until) throw new Error('too late')
    return super.onTimer(state, timer, ctx)
  }
}

@batch
class RingsForEver extends Batch {
  override onTimer(state: BatchState, _timer: string, ctx: TriggerContext): readonly Firing[] {
    const firings = this.fire(state, ctx)
    ctx.timers.set('wait', ctx.now)
    return firings
  }
}

/** Triggers that cannot tell the time. */
export const timeMutants = [
  brokenBatch('leaves a timer armed', 'P22 examples', KeepsItsFirstTimer),
  brokenBatch('does not always arm a timer', 'P22 describe-until', ArmsOnlySometimes),
  brokenBatch('arms its timer too early', 'P22 examples', ArmsTooEarly),
  brokenBatch('arms its timer too late', 'P22 describe-until', ArmsTooLate),
  brokenBatch('ignores late timers', 'C5 late-timers', IgnoresLateTimers),
  brokenBatch('throws at late timers', 'C5 late-timers', ThrowsAtLateTimers),
  brokenBatch('rings for ever', 'C20 timers', RingsForEver),
]
