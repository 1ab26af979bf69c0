// A primitive of one's own, with any Standard Schema.
import {
  defineApp,
  defineRuntime,
  primitive,
  trigger,
  Trigger,
  type Firing,
  type ObjectRef,
  type StandardSchemaV1,
  type Status,
  type TriggerContext,
} from '@stigmergy/core'
import { exactly } from './exactly.js'

interface Options {
  readonly n: number
}

interface State {
  seen: number
}

declare const schema: StandardSchemaV1<unknown, Options>
const meta = { name: 'every-nth', scope: 'session', stateVersion: 1, options: schema } as const

@primitive(meta)
class EveryNth extends Trigger<Options, State> {
  initialState(): State {
    return { seen: 0 }
  }

  onObject(state: State, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    exactly<number>()(this.options.n)
    exactly<number>()(ctx.now)
    ctx.timers.set('name', ctx.now + 1)
    ctx.dispose(object, 'filtered')
    // @ts-expect-error no such reason
    ctx.dispose(object, 'boring')
    // @ts-expect-error an object is disposed for a reason
    ctx.dispose(object)
    // @ts-expect-error a trigger reads the clock of its context only
    ctx.now = 1
    // @ts-expect-error objects are immutable
    object.key = 'other'
    // @ts-expect-error an object reference has no value: triggers do not see values
    void object.value
    state.seen += 1
    return [{ objects: [object] }]
  }

  describe(state: State): Status {
    return { held: [], awaiting: { count: this.options.n - state.seen } }
  }
}

// @ts-expect-error the schema gives another kind of options than the class takes
@primitive({ ...meta, options: schema as unknown as StandardSchemaV1<unknown, { size: string }> })
export class OtherOptions extends EveryNth {}

// @ts-expect-error no such scope
@primitive({ ...meta, scope: 'app' })
export class OtherScope extends EveryNth {}

// @ts-expect-error a primitive has a describe
export class Incomplete extends Trigger<Options, State> {
  initialState(): State {
    return { seen: 0 }
  }
  onObject(): readonly Firing[] {
    return []
  }
}

export class Asynchronous extends EveryNth {
  // @ts-expect-error hooks are synchronous
  override async onObject(): Promise<readonly Firing[]> {
    return []
  }
}

trigger(EveryNth, { n: 2 })
// @ts-expect-error n is a number
trigger(EveryNth, { n: '2' })
// @ts-expect-error no such option
trigger(EveryNth, { n: 2, m: 1 })
// @ts-expect-error n is missing
trigger(EveryNth, {})
// @ts-expect-error a trigger is made of a class of primitives
trigger(Map, {})

defineRuntime({ primitives: [EveryNth] })
// @ts-expect-error primitives are given as classes
defineRuntime({ primitives: [trigger(EveryNth, { n: 2 })] })
// @ts-expect-error a class of something else
defineRuntime({ primitives: [Map] })

defineApp('custom', (app) => {
  const numbers = app.bucket<number>('numbers')
  numbers.when(
    trigger(EveryNth, { n: 3 }),
    app.fn('keep', (fired) => exactly<number>()(fired.value)),
  )
})
