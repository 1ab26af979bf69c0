import { primitive, Trigger, type ObjectRef, type TriggerContext } from '@stigmergy/core'
import { z } from 'zod'

export interface EveryNthOptions {
  readonly n: number
}

/** Fires every nth object of a session, alone. */
@primitive({
  name: 'every-nth',
  scope: 'session',
  stateVersion: 1,
  options: z.strictObject({ n: z.int().min(1) }),
})
export class EveryNth extends Trigger<EveryNthOptions, { seen: number }> {
  initialState() {
    return { seen: 0 }
  }

  onObject(state: { seen: number }, object: ObjectRef, ctx: TriggerContext) {
    state.seen += 1
    if (state.seen % this.options.n === 0) return [{ objects: [object] }]
    ctx.dispose(object, 'filtered')
    return []
  }

  describe(state: { seen: number }) {
    return { held: [], awaiting: { count: this.options.n - (state.seen % this.options.n) } }
  }
}
