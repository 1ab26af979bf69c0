import { primitive, Trigger } from '@stigmergy/core'
import type { Closed, Firing, ObjectRef, Status, TriggerContext } from '@stigmergy/core'
import type { TriggerSubject } from '@stigmergy/conformance'
import { z } from 'zod'

export interface JoinOptions {
  readonly keys: readonly string[]
}

export interface JoinState {
  arrived: Map<string, ObjectRef>
  fired: boolean
  /** Producers that have ended without success. */
  failed: Set<string>
}

/** What mutants are marked with: they claim to be a join. */
export const join = primitive<JoinOptions>({
  name: 'join',
  scope: 'session',
  stateVersion: 1,
  options: z.strictObject({ keys: z.array(z.string().min(1)).min(1) }),
})

/** Fires when an object of each key has come, unless as many producers as there are keys have failed. Keeps every law. */
@join
export class Join extends Trigger<JoinOptions, JoinState> {
  initialState(): JoinState {
    return { arrived: new Map(), fired: false, failed: new Set() }
  }

  onObject(state: JoinState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (state.fired || !this.missing(state).includes(object.key)) {
      ctx.dispose(object, 'surplus')
      return []
    }
    state.arrived.set(object.key, object)
    return this.missing(state).length === 0 ? this.fire(state) : []
  }

  override onClosed(state: JoinState, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    if (fact.scope !== 'producer' || fact.outcome === 'succeeded' || state.fired) return []
    state.failed.add(fact.name)
    if (state.failed.size >= this.options.keys.length)
      ctx.unsatisfied({ reason: 'failed', missing: this.missing(state) })
    return []
  }

  describe(state: JoinState): Status {
    return { held: [...state.arrived.values()], awaiting: state.fired ? {} : { keys: this.missing(state) } }
  }

  protected fire(state: JoinState): readonly Firing[] {
    const objects = this.options.keys.flatMap((key) => state.arrived.get(key) ?? [])
    state.arrived.clear()
    state.fired = true
    return [{ objects }]
  }

  protected missing({ arrived }: JoinState): readonly string[] {
    return this.options.keys.filter((key) => !arrived.has(key))
  }
}

/** What a join is tested with, whichever class claims to be one. */
export const joinSubject: TriggerSubject<JoinOptions> = {
  primitive: Join,
  options: {
    valid: [{ keys: ['left', 'right'] }, { keys: ['one'] }],
    invalid: [{ keys: [] }, { keys: [''] }, {}],
  },
  examples: [
    { name: 'a full set fires in declared order', given: ['right', 'left'], fires: [['left', 'right']] },
    {
      name: 'sessions are apart',
      given: ['left', { put: 'right', session: 's2' }],
      fires: [],
      held: ['left', 'right'],
    },
    {
      name: 'it gives up when all have failed',
      given: [
        'left',
        { closed: 'producer', name: 'p1', outcome: 'failed' },
        { closed: 'producer', name: 'p2', outcome: 'failed' },
      ],
      fires: [],
      unsatisfied: 'failed',
    },
  ],
}
