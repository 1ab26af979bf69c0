import type { Closed, Firing, ObjectRef, Trigger, TriggerContext } from '../contract/index.js'

/** One entry in the log of a partition. `at` is what the hook sees as `ctx.now`. */
export type StepEvent =
  | { readonly kind: 'object'; readonly at: number; readonly object: ObjectRef }
  | { readonly kind: 'timer'; readonly at: number; readonly name: string }
  | { readonly kind: 'closed'; readonly at: number; readonly fact: Closed }
  | { readonly kind: 'watermark'; readonly at: number; readonly reached: number }
  | { readonly kind: 'flush'; readonly at: number }
  | { readonly kind: 'evict'; readonly at: number; readonly object: ObjectRef }
  | { readonly kind: 'deadline'; readonly at: number }

/** Calls the hook that the event is for. A passed deadline is the runtime's affair: it reaches no hook. */
export function applyEvent(
  trigger: Trigger<unknown, unknown>,
  state: unknown,
  event: StepEvent,
  ctx: TriggerContext,
): readonly Firing[] {
  switch (event.kind) {
    case 'object':
      return trigger.onObject(state, event.object, ctx)
    case 'timer':
      return trigger.onTimer(state, event.name, ctx)
    case 'closed':
      return trigger.onClosed(state, event.fact, ctx)
    case 'watermark':
      return trigger.onWatermark(state, event.reached, ctx)
    case 'flush':
      return trigger.onFlush(state, ctx)
    case 'evict':
      trigger.onEvict?.(state, event.object, ctx)
      return []
    case 'deadline':
      return []
  }
}
