import {
  All,
  Any,
  type ChoiceOptions,
  First,
  type Latches,
  type Race,
  Seq,
  type Sequence,
} from '@stigmergy/composites'
import {
  type Firing,
  type ObjectRef,
  type Part,
  primitive,
  primitiveMeta,
  type TriggerContext,
} from '@stigmergy/core'
import { z } from 'zod'
import { broken, type CompositeMutant } from './mutant.js'

class SortsByArrival extends All {
  override onObject(state: Latches, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    return firings.map((firing) => ({
      ...firing,
      objects: [...firing.objects].sort((one, other) => one.seq - other.seq),
    }))
  }
}

class Reverses extends All {
  override onObject(state: Latches, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    return reversed(super.onObject(state, object, ctx))
  }
}

class ReversesInTurn extends Seq {
  override onObject(state: Sequence, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    return reversed(super.onObject(state, object, ctx))
  }
}

class AllInTurn extends Seq {}
class AllIsAny extends Any {}
class FiresForOne extends Any {}
class FirstIsAny extends Any {}
class AnyIsFirst extends First {}
class AnyIsAll extends All {}
class SeqIsAll extends All {}

class IgnoresFlushes extends Any {
  override onFlush(): readonly Firing[] {
    return []
  }
}

class IgnoresFlushesInTurn extends Seq {
  override onFlush(): readonly Firing[] {
    return []
  }
}

class EndsAlone extends First {
  override onObject(state: Race, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    state.over ||= firings.length > 0
    return firings
  }
}

class AnyOfTwo extends Any {
  constructor(options: ChoiceOptions, parts: readonly Part[]) {
    super(options, parts.slice(0, 2))
  }
}

class FirstOfTwo extends First {
  constructor(options: ChoiceOptions, parts: readonly Part[]) {
    super(options, parts.slice(0, 2))
  }
}

class AnyOfOne extends Any {
  constructor(options: ChoiceOptions, parts: readonly Part[]) {
    super(options, parts.slice(0, 1))
  }
}

class FirstOfOne extends First {
  constructor(options: ChoiceOptions, parts: readonly Part[]) {
    super(options, parts.slice(0, 1))
  }
}

class TellsTheNextAtOnce extends Seq {
  override onObject(state: Sequence, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { at } = state
    const firings = super.onObject(state, object, ctx)
    return state.at === at ? firings : [...firings, ...super.onObject(state, object, ctx)]
  }
}

class TakesAnything extends Any {}
primitive({ ...primitiveMeta(Any), options: z.object({ of: z.array(z.any()) }) })(TakesAnything)

/** Broken composites of several triggers. */
export const severalMutants: readonly CompositeMutant[] = [
  broken(All, 'sorts what its parts give', 'all(a) = a', SortsByArrival),
  broken(All, 'turns round what its parts give', 'all is associative', Reverses),
  broken(All, 'wants its parts in turn', 'all is commutative', AllInTurn),
  broken(All, 'fires for each of all', 'all is idempotent', AllIsAny),
  broken(All, 'fires for one of all', 'all(a, never), seq(a, never) and seq(never, a)', FiresForOne),
  { does: 'takes a negation as a part', breaks: 'not stands in within only', composite: TakesAnything },
  broken(Any, 'does not hear flushes', 'any(a) = a', IgnoresFlushes),
  broken(Any, 'has two parts at most', 'any is associative', AnyOfTwo),
  broken(Any, 'listens to its first part only', 'any is commutative', AnyOfOne),
  broken(Any, 'waits for all', 'any(a, never) fires as a', AnyIsAll),
  broken(Any, 'fires once', 'any(a, b) fires what a and b fire', AnyIsFirst),
  broken(First, 'ends even if there is no other part', 'first(a) = a', EndsAlone),
  broken(First, 'has two parts at most', 'first is associative', FirstOfTwo),
  broken(First, 'listens to its first part only', 'first is commutative', FirstOfOne),
  broken(First, 'goes on after its firing', 'first(a, a) = repeat(a, 1)', FirstIsAny),
  broken(Seq, 'does not hear flushes', 'seq(a) = a', IgnoresFlushesInTurn),
  broken(Seq, 'turns round what its parts give', 'seq is associative', ReversesInTurn),
  broken(
    Seq,
    'lets the next part have the same object',
    'seq of n immediates is a batch of n',
    TellsTheNextAtOnce,
  ),
  broken(Seq, 'takes its parts in any order', 'first(seq(a, b), seq(a, c))', SeqIsAll),
]

function reversed(firings: readonly Firing[]): readonly Firing[] {
  return firings.map((firing) => ({ ...firing, objects: [...firing.objects].reverse() }))
}
