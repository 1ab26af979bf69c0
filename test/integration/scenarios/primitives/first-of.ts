import {
  ByBatchSize,
  ByTime,
  type Firing,
  type ObjectRef,
  primitive,
  type Status,
  Trigger,
  type TriggerContext,
} from 'stigmergy'
import { z } from 'zod'

const options = z.strictObject({ count: z.int().min(1), every: z.int().min(1) })

interface Race {
  readonly batch: ReturnType<ByBatchSize['initialState']>
  readonly period: ReturnType<ByTime['initialState']>
  over: boolean
}

/** Races a batch of the objects with the role `a` against a period for all others, and fires once: what the winner gives. */
@primitive({ name: 'first-of', scope: 'session', stateVersion: 1, options })
export class FirstOf extends Trigger<z.output<typeof options>, Race> {
  initialState(): Race {
    return { batch: this.a.initialState(), period: this.b.initialState(), over: false }
  }

  onObject(state: Race, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (!state.over)
      return object.role === 'a'
        ? this.settle(state, this.a.onObject(state.batch, object), ctx)
        : this.settle(state, this.b.onObject(state.period, object, ctx), ctx)
    ctx.dispose(object, 'surplus')
    return []
  }

  override onTimer(state: Race, timer: string, ctx: TriggerContext): readonly Firing[] {
    return state.over ? [] : this.settle(state, this.b.onTimer(state.period, timer, ctx), ctx)
  }

  describe(state: Race): Status {
    if (state.over) return { held: [], awaiting: {} }
    const [a, b] = [this.a.describe(state.batch), this.b.describe(state.period)]
    const { until } = b.awaiting
    const held = [...a.held, ...b.held].sort((one, other) => one.seq - other.seq)
    return { held, awaiting: until === undefined ? { count: 1 } : { until } }
  }

  private get a(): ByBatchSize {
    return new ByBatchSize({ count: this.options.count })
  }

  private get b(): ByTime {
    const { every } = this.options
    return new ByTime({ every, align: 'first', offset: 0, fireEmpty: false, catchUp: 'each', maxCatchUp: 1 })
  }

  /** The loser lets go of what it holds, and its timer is disarmed. */
  private settle(state: Race, firings: readonly Firing[], ctx: TriggerContext): readonly Firing[] {
    if (firings.length === 0) return firings
    const { held } = this.describe(state)
    for (const object of held) ctx.dispose(object, 'superseded')
    ctx.timers.clear('period')
    Object.assign(state, this.initialState(), { over: true })
    return firings
  }
}
