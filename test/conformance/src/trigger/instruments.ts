import {
  Trigger,
  type Closed,
  type Firing,
  type ObjectRef,
  type Status,
  type TriggerContext,
} from '@stigmergy/core'
import { applyEvent, type StepEvent, type TriggerDefinition } from '@stigmergy/core/cell'

/** One call of a hook. */
export interface HookCall {
  readonly trigger: Trigger<unknown, unknown>
  readonly state: unknown
  readonly event: StepEvent
  readonly ctx: TriggerContext
}

/** What a law puts around the calls of a primitive. Nothing by default. */
export interface Instruments {
  /** Called instead of each hook; `proceed` calls the hook. */
  readonly hook?: (call: HookCall, definition: TriggerDefinition) => readonly Firing[]
  /** Called instead of `describe`. */
  readonly describe?: (trigger: Trigger<unknown, unknown>, state: unknown) => Status
}

/** Calls the hook. */
export function proceed({ trigger, state, event, ctx }: HookCall): readonly Firing[] {
  return applyEvent(trigger, state, event, ctx)
}

/** Gives the trigger of a definition the instruments. */
export function instrument({
  hook,
  describe,
}: Instruments): (definition: TriggerDefinition) => Trigger<unknown, unknown> {
  return (definition) => {
    const { trigger } = definition
    if (hook === undefined && describe === undefined) return trigger
    const around = hook ?? proceed
    return new Instrumented(
      trigger,
      (state, event, ctx) => around({ trigger, state, event, ctx }, definition),
      (state) => (describe === undefined ? trigger.describe(state) : describe(trigger, state)),
    )
  }
}

type Hook = (state: unknown, event: StepEvent, ctx: TriggerContext) => readonly Firing[]

class Instrumented extends Trigger<unknown, unknown> {
  readonly #inner: Trigger<unknown, unknown>
  readonly #hook: Hook
  override readonly describe: (state: unknown) => Status
  override readonly onEvict?: (state: unknown, object: ObjectRef, ctx: TriggerContext) => void
  override readonly migrate?: (state: unknown, fromVersion: number) => unknown
  override readonly revive?: (state: unknown) => unknown

  constructor(inner: Trigger<unknown, unknown>, hook: Hook, describe: (state: unknown) => Status) {
    super(undefined)
    this.#inner = inner
    this.#hook = hook
    this.describe = describe
    if (inner.onEvict !== undefined)
      this.onEvict = (state, object, ctx) => void hook(state, { kind: 'evict', at: ctx.now, object }, ctx)
    if (inner.migrate !== undefined)
      this.migrate = (state, fromVersion) => inner.migrate?.(state, fromVersion)
    if (inner.revive !== undefined) this.revive = (state) => inner.revive?.(state)
  }

  initialState(): unknown {
    return this.#inner.initialState()
  }

  onObject(state: unknown, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    return this.#hook(state, { kind: 'object', at: ctx.now, object }, ctx)
  }

  override onTimer(state: unknown, name: string, ctx: TriggerContext): readonly Firing[] {
    return this.#hook(state, { kind: 'timer', at: ctx.now, name }, ctx)
  }

  override onClosed(state: unknown, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    return this.#hook(state, { kind: 'closed', at: ctx.now, fact }, ctx)
  }

  override onWatermark(state: unknown, reached: number, ctx: TriggerContext): readonly Firing[] {
    return this.#hook(state, { kind: 'watermark', at: ctx.now, reached }, ctx)
  }

  override onFlush(state: unknown, ctx: TriggerContext): readonly Firing[] {
    return this.#hook(state, { kind: 'flush', at: ctx.now }, ctx)
  }
}
