import {
  type Closed,
  type Firing,
  type ObjectRef,
  primitive,
  type Status,
  Trigger,
  trigger,
  type TriggerContext,
  type TriggerSpec,
} from 'stigmergy'
import { z } from 'zod'

/** Where a brittle trigger breaks. */
export const hooks = [
  'object',
  'firing',
  'timer',
  'closed',
  'watermark',
  'flush',
  'evict',
  'describe',
  'initial',
] as const

export type Hook = (typeof hooks)[number]

interface Held {
  readonly objects: ObjectRef[]
}

/** Holds up to three objects for a while, and breaks in one of its hooks when something that it cannot bear is held or comes. */
@primitive({
  name: 'brittle',
  scope: 'session',
  stateVersion: 1,
  options: z.strictObject({ at: z.enum(hooks) }),
})
export class Brittle extends Trigger<{ readonly at: Hook }, Held> {
  initialState(): Held {
    if (this.options.at === 'initial') throw new Error('no state')
    return { objects: [] }
  }

  onObject(state: Held, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    state.objects.push(object)
    if (object.key === '!') this.#break('object')
    if (this.options.at === 'firing' && object.key === 'a') return [{ objects: [object, object] }]
    ctx.timers.set('hold', ctx.now + 70)
    return state.objects.length < 3 ? [] : [{ objects: state.objects.splice(0) }]
  }

  override onTimer(state: Held): readonly Firing[] {
    this.#break('timer')
    return this.#all(state)
  }

  override onClosed(state: Held, fact: Closed): readonly Firing[] {
    this.#break('closed')
    return fact.scope === 'session' ? this.#all(state) : []
  }

  override onWatermark(): readonly Firing[] {
    this.#break('watermark')
    return []
  }

  override onFlush(state: Held): readonly Firing[] {
    this.#break('flush')
    return this.#all(state)
  }

  override onEvict(state: Held, { seq }: ObjectRef): void {
    this.#break('evict')
    state.objects.splice(
      state.objects.findIndex((object) => object.seq === seq),
      1,
    )
  }

  describe({ objects }: Held): Status {
    this.#break('describe')
    return { held: objects, awaiting: { count: 3 - objects.length } }
  }

  #all(state: Held): readonly Firing[] {
    return state.objects.length === 0 ? [] : [{ objects: state.objects.splice(0), partial: true }]
  }

  #break(hook: Hook): void {
    if (this.options.at === hook) throw new Error(`broken at ${hook}`)
  }
}

export function brittle(options: { readonly at: Hook }): TriggerSpec {
  return trigger(Brittle, options)
}
