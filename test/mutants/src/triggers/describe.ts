import type { Firing, ObjectRef, Status, TriggerContext } from '@stigmergy/core'
import { batch, Batch, type BatchState } from './batch.js'
import { join, Join, type JoinState } from './join.js'
import { brokenBatch, brokenJoin } from './mutant.js'

@batch
class DropsEveryFifth extends Batch {
  override onObject(state: BatchState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    return object.seq % 5 === 0 ? [] : super.onObject(state, object, ctx)
  }
}

@batch
class ConcealsTheFirst extends Batch {
  override describe(state: BatchState): Status {
    return { ...super.describe(state), held: state.held.slice(1) }
  }
}

@batch
class NeverEvicts extends Batch {
  override onEvict(): void {}
}

@batch
class AsksForTooMuch extends Batch {
  override describe(state: BatchState): Status {
    return { held: state.held, awaiting: { count: this.options.size } }
  }
}

@join
class AsksForEveryKey extends Join {
  override describe(state: JoinState): Status {
    const status = super.describe(state)
    return { ...status, awaiting: state.fired ? {} : { keys: this.options.keys } }
  }
}

@join
class SaysThatItIsDone extends Join {
  override describe(state: JoinState): Status {
    return { ...super.describe(state), awaiting: {} }
  }
}

@batch
class WaitsForNothing extends Batch {
  override describe(state: BatchState): Status {
    const { held, awaiting } = super.describe(state)
    return { held, awaiting: held.length > 0 && held.length < this.options.size ? {} : awaiting }
  }
}

/** Triggers that lie about what they hold and await. */
export const describeMutants = [
  brokenBatch('drops every fifth object', 'P22 describe-holds', DropsEveryFifth),
  brokenBatch('conceals the first object', 'P22 describe-holds', ConcealsTheFirst),
  brokenBatch('does not forget what is evicted', 'C11 bounds', NeverEvicts),
  brokenBatch('says that it awaits a whole batch', 'P22 describe-agrees', AsksForTooMuch),
  brokenJoin('says that it awaits every key', 'P22 describe-agrees', AsksForEveryKey),
  brokenJoin('says that it is done', 'P22 describe-agrees', SaysThatItIsDone),
  brokenBatch('holds objects and waits for nothing', 'P22 describe-ends', WaitsForNothing),
]
