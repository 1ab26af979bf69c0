import { primitive, type Firing, type ObjectRef, type Status, type TriggerContext } from '@stigmergy/core'
import { batch, Batch, batchMeta, batchSubject, type BatchState } from './batch.js'
import { brokenBatch, mutant } from './mutant.js'

@batch
class StoresADate extends Batch {
  override initialState(): BatchState {
    return Object.assign(super.initialState(), { since: new Date(0) })
  }
}

@batch
class StoresAFunction extends Batch {
  override initialState(): BatchState {
    return Object.assign(super.initialState(), { compare: (a: number, b: number) => a - b })
  }
}

class Queue {
  length = 0
}

@batch
class StoresAClass extends Batch {
  override initialState(): BatchState {
    return Object.assign(super.initialState(), { queue: new Queue() })
  }
}

@batch
class StoresNotANumber extends Batch {
  override onObject(
    state: BatchState & { mean?: number },
    object: ObjectRef,
    ctx: TriggerContext,
  ): readonly Firing[] {
    state.mean = state.held.reduce((sum, { bytes }) => sum + bytes, 0) / state.held.length
    return super.onObject(state, object, ctx)
  }
}

@batch
class StoresMinusZero extends Batch {
  override onFlush(state: BatchState & { lack?: number }, ctx: TriggerContext): readonly Firing[] {
    state.lack = -state.held.length
    return super.onFlush(state, ctx)
  }
}

@batch
class StoresUndefined extends Batch {
  override initialState(): BatchState {
    return Object.assign(super.initialState(), { last: undefined })
  }
}

@batch
class CutsKeys extends Batch {
  override onObject(
    state: BatchState & { initial?: string },
    object: ObjectRef,
    ctx: TriggerContext,
  ): readonly Firing[] {
    state.initial = object.key.charAt(0)
    return super.onObject(state, object, ctx)
  }
}

interface AliasedState extends BatchState {
  /** The same list as `held`, until it has been stored and read. */
  open: ObjectRef[]
}

@batch
class ReliesOnAnAlias extends Batch {
  override initialState(): AliasedState {
    const held: ObjectRef[] = []
    return { held, open: held, until: null }
  }

  override onObject(state: AliasedState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (state.held.length === 0) this.open(state, ctx)
    if (state.open !== state.held && state.held.length === 0) state.open = state.held
    state.open.push(object)
    return state.held.length === this.options.size ? this.fire(state, ctx) : []
  }
}

interface HiddenState extends BatchState {
  readonly count: { readonly at: Map<'n', number> }
}

@batch
class HidesAMapInFrozenData extends Batch {
  override initialState(): HiddenState {
    return { ...super.initialState(), count: Object.freeze({ at: new Map([['n', 0] as const]) }) }
  }

  override onObject(state: HiddenState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    state.count.at.set('n', (state.count.at.get('n') ?? 0) + 1)
    return super.onObject(state, object, ctx)
  }
}

@batch
class RemembersEveryKey extends Batch {
  override initialState(): BatchState & { seen: Set<string> } {
    return { ...super.initialState(), seen: new Set() }
  }

  override onObject(
    state: BatchState & { seen: Set<string> },
    object: ObjectRef,
    ctx: TriggerContext,
  ): readonly Firing[] {
    state.seen.add(object.key)
    return super.onObject(state, object, ctx)
  }
}

@primitive({ ...batchMeta, stateVersion: 2 })
class ForgetsToMigrate extends Batch {}

@primitive({ ...batchMeta, stateVersion: 2 })
class MigratesWrongly extends Batch {
  override migrate(state: ObjectRef[]): BatchState {
    return { held: state, until: 0 }
  }
}

@primitive({ ...batchMeta, stateVersion: 2 })
export class MigratesRightly extends Batch {
  override migrate(state: ObjectRef[]): BatchState {
    return { held: state, until: null }
  }

  override describe(state: BatchState): Status {
    return super.describe(state)
  }
}

/** Version 1 was the bare list. */
export const secondVersion = {
  ...batchSubject,
  name: 'second version of batch',
  older: [{ stateVersion: 1, state: [], becomes: { held: [], until: null } }],
}

/** Triggers whose state cannot be stored, moved, put back or afforded. */
export const stateMutants = [
  brokenBatch('stores a date', 'P22 plain-state', StoresADate),
  brokenBatch('stores a function', 'P22 plain-state', StoresAFunction),
  brokenBatch('stores an instance of a class', 'P22 plain-state', StoresAClass),
  brokenBatch('stores NaN', 'P22 plain-state', StoresNotANumber),
  brokenBatch('stores -0', 'P22 plain-state', StoresMinusZero),
  brokenBatch('stores undefined', 'P22 plain-state', StoresUndefined),
  brokenBatch('cuts a key in the middle of a character', 'P22 plain-state', CutsKeys),
  brokenBatch('relies on two names for one list', 'C14 restart', ReliesOnAnAlias),
  brokenBatch('hides a map in frozen data', 'C22 faults', HidesAMapInFrozenData),
  brokenBatch('remembers every key for ever', 'C11 footprint', RemembersEveryKey),
  brokenBatch('raises its version and does not migrate', 'P22 migrate', ForgetsToMigrate),
  mutant('migrates to another state than it says', 'P22 migrate', {
    ...secondVersion,
    primitive: MigratesWrongly,
  }),
]
