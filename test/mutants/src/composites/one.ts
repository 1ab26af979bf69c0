import {
  Any,
  type Ending,
  First,
  type Limited,
  OrFinally,
  Repeat,
  type RepeatOptions,
  type Repetition,
  Within,
  type WithinOptions,
} from '@stigmergy/composites'
import type { Firing, ObjectRef, Part, TriggerContext } from '@stigmergy/core'
import { broken, type CompositeMutant } from './mutant.js'

class IgnoresFlushes extends Within {
  override onFlush(): readonly Firing[] {
    return []
  }
}

class OverflowsEarly extends Within {
  constructor(options: WithinOptions, parts: readonly Part[]) {
    super({ ...options, ms: (options.ms & 15) + 1 }, parts)
  }
}

class FiresTheRest extends Within {
  override onTimer(state: Limited, timer: string, ctx: TriggerContext): readonly Firing[] {
    return timer === 'within' ? this.onFlush(state, ctx) : super.onTimer(state, timer, ctx)
  }
}

class IsStrictAtTheEnd extends Within {
  constructor(options: WithinOptions, parts: readonly Part[]) {
    super('not' in options.of ? options : { ...options, ms: Math.max(1, options.ms - 1) }, parts)
  }
}

class LetsTheLosersGoOn extends First {
  protected override hears(): boolean {
    return true
  }
}

class FirstIsAny extends Any {}

class EndsWithItsFirstFiring extends OrFinally {
  override onObject(state: Ending, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    state.over ||= firings.length > 0
    return firings
  }
}

class NeverEnds extends OrFinally {
  override onObject(state: Ending, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    state.over = false
    return firings
  }
}

class DropsTheRest extends OrFinally {
  override onObject(state: Ending, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    const rest = firings.filter(({ partial }) => partial === true)
    for (const { objects } of rest) for (const each of objects) ctx.dispose(each, 'surplus')
    return firings.filter(({ partial }) => partial !== true)
  }
}

class EndsTwice extends OrFinally {
  override onObject(state: Ending, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const wasOver = state.over
    const firings = super.onObject(state, object, ctx)
    return wasOver || !state.over ? firings : [...firings, { objects: [], partial: true }]
  }
}

class OnceMore extends Repeat {
  constructor({ of, times }: RepeatOptions, parts: readonly Part[]) {
    super(times === undefined ? { of } : { of, times: times + 1 }, parts)
  }
}

class TurnsRound extends Repeat {
  override onObject(state: Repetition, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    return firings.map((firing) => ({ ...firing, objects: [...firing.objects].reverse() }))
  }
}

/** Broken composites of one trigger, or of one and its end. */
export const oneMutants: readonly CompositeMutant[] = [
  broken(Within, 'does not hear flushes', 'within(a, ∞) = a', IgnoresFlushes),
  broken(Within, 'counts its time in four bits', 'within(within(a, m), n) = ', OverflowsEarly),
  broken(Within, 'fires the rest instead of giving up', 'within(a, m) fires what a fires', FiresTheRest),
  broken(
    Within,
    'takes the last moment for too late',
    'of within(a, m) and within(not(a), m)',
    IsStrictAtTheEnd,
  ),
  broken(First, 'goes on after its firing', 'first(a, b) = repeat(any(a, b), 1)', FirstIsAny),
  broken(OrFinally, 'ends with its first firing', 'orFinally(a, never) fires as a', EndsWithItsFirstFiring),
  broken(OrFinally, 'does not end', 'orFinally(a, b) fires as a does until b fires', NeverEnds),
  broken(OrFinally, 'lets go of the rest', 'at the end orFinally(a, b) fires what a holds', DropsTheRest),
  broken(OrFinally, 'ends twice', 'orFinally(orFinally(a, b), c) = ', EndsTwice),
  broken(Repeat, 'fires once more', 'repeat(a, 1) fires at most once', OnceMore),
  broken(Repeat, 'counts from nought', 'repeat(a, n) fires the first n firings', class extends OnceMore {}),
  broken(Repeat, 'turns round what its part gives', 'repeat is idempotent', TurnsRound),
  broken(First, 'lets the losers go on', 'within(first(a, b), m) = ', LetsTheLosersGoOn),
]
