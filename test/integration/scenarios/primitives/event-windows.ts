import { type Firing, type ObjectRef, primitive, type Status, Trigger, type TriggerContext } from 'stigmergy'
import { z } from 'zod'

const options = z.strictObject({
  sizeMs: z.int().min(1),
  idleAfterMs: z.int().min(1),
  maxFutureMs: z.int().min(0).default(86_400_000),
})

interface Windows {
  /** By start. */
  readonly open: Map<number, ObjectRef[]>
  readonly producers: Map<string, { latest: number; activeAt: number }>
  /** Event time that all producers have reached. Null before there is any. */
  watermark: number | null
  idleAt: number
}

/** Fires tumbling windows of event time, in order, when the slowest producer that is not idle has passed their end. */
@primitive({ name: 'event-windows', scope: 'bucket', stateVersion: 1, options })
export class EventWindows extends Trigger<z.output<typeof options>, Windows> {
  initialState(): Windows {
    return { open: new Map(), producers: new Map(), watermark: null, idleAt: 0 }
  }

  onObject(state: Windows, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { sizeMs, maxFutureMs } = this.options
    const { et, producer } = object
    if (et === undefined || et > ctx.now + maxFutureMs) {
      ctx.dispose(object, 'fault')
      return []
    }
    const name = producer.name ?? producer.invocation
    const latest = Math.max(et, state.producers.get(name)?.latest ?? et)
    state.producers.set(name, { latest, activeAt: ctx.now })
    const start = Math.floor(et / sizeMs) * sizeMs
    if (start + sizeMs <= (state.watermark ?? -Infinity)) ctx.dispose(object, 'late-watermark')
    else state.open.set(start, [...(state.open.get(start) ?? []), object])
    return this.advance(state, ctx)
  }

  override onTimer(state: Windows, _timer: string, ctx: TriggerContext): readonly Firing[] {
    return this.advance(state, ctx)
  }

  describe({ open, idleAt }: Windows): Status {
    const held = [...open.values()].flat().sort((a, b) => a.seq - b.seq)
    return { held, awaiting: idleAt === 0 ? { count: 1 } : { until: idleAt } }
  }

  private advance(state: Windows, ctx: TriggerContext): readonly Firing[] {
    const { idleAfterMs, sizeMs } = this.options
    const active = [...state.producers.values()].filter(({ activeAt }) => activeAt + idleAfterMs > ctx.now)
    // When all are idle, nobody says that time goes on: the watermark holds.
    if (active.length > 0) {
      const slowest = Math.min(...active.map(({ latest }) => latest))
      state.watermark = Math.max(slowest, state.watermark ?? slowest)
    }
    this.awaitIdle(state, active, ctx)
    const due = [...state.open.keys()].filter((start) => start + sizeMs <= (state.watermark ?? -Infinity))
    return due.sort((a, b) => a - b).map((start) => this.close(state, start))
  }

  private awaitIdle(state: Windows, active: readonly { activeAt: number }[], ctx: TriggerContext): void {
    if (active.length === 0) {
      state.idleAt = 0
      ctx.timers.clear('idle')
      return
    }
    state.idleAt = Math.min(...active.map(({ activeAt }) => activeAt)) + this.options.idleAfterMs
    ctx.timers.set('idle', state.idleAt)
  }

  private close(state: Windows, start: number): Firing {
    const objects = state.open.get(start) ?? []
    state.open.delete(start)
    return { objects, window: { start, end: start + this.options.sizeMs } }
  }
}
