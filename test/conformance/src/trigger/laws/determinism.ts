import type { Part, PrimitiveClass, Trigger, TriggerOptions } from '@stigmergy/core'
import { applyEvent } from '@stigmergy/core/cell'
import { play, type History } from '../history.js'
import type { Entry } from '../journal.js'
import { outline, sameEntries, sameStates } from '../outline.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import { scopeOf, type Trial } from '../trial.js'

/*
 * There is no law about iteration order: a `Map`, a `Set` and an object iterate in the order of insertion, CBOR keeps it, and a
 * trigger may rely on it. Chance can come in by clocks and generators only, and those `C1 purity` catches.
 */

/** The same events have the same effects. */
export const determinismLaws: readonly TriggerLaw[] = [
  {
    id: 'C1',
    name: 'determinism',
    sentence: 'The same events lead to the same firings, dispositions, timers and state.',
    check: everyHistory((history, { subject }) => {
      const { harness, steps } = play(subject, history)
      const again = play(subject, { ...history, moves: steps })
      sameEntries(harness.journal.entries, again.harness.journal.entries, 'In a second run')
      sameStates(harness, again.harness, 'In a second run')
    }),
  },
  {
    id: 'C1',
    name: 'no-fields',
    sentence: 'A trigger keeps nothing outside its state: a new instance for each event decides the same.',
    check: everyHistory((history, { subject }) => {
      const { harness, steps } = play(subject, history)
      const fresh = play(
        subject,
        { ...history, moves: steps },
        {
          hook: ({ trigger, state, event, ctx }, { options, parts }) =>
            applyEvent(anew(trigger, options, parts), state, event, ctx),
        },
      )
      sameEntries(
        harness.journal.entries,
        fresh.harness.journal.entries,
        'With a new instance for each event',
      )
      sameStates(harness, fresh.harness, 'With a new instance for each event')
    }),
  },
  {
    id: 'P22',
    name: 'prefix-stability',
    sentence: 'What a trigger has decided does not change with what happens later.',
    check: everyHistory((history, { subject }) => {
      const outlines: string[] = []
      const { harness } = play(subject, history, {
        before: ({ journal }) => (journal.onDecision = (decision) => outlines.push(outline(decision))),
      })
      harness.journal.decisions.forEach((decision, index) => {
        const now = outline(decision)
        if (now !== outlines[index]) throw new Error(changed(index, outlines[index], now))
      })
    }),
  },
  {
    id: 'P22',
    name: 'isolation',
    sentence: 'What happens in one partition has no influence on another.',
    check: everyHistory((history, trial) => {
      const { subject } = trial
      const together = { ...history, common: apart(history, trial) }
      const { harness, steps } = play(subject, together)
      const alone = { ...together, moves: steps, common: only('s1', together.common) }
      sameEntries(
        inSession('s1', harness.journal.entries),
        inSession('s1', play(subject, alone).harness.journal.entries),
        'Without the other sessions',
      )
    }),
  },
]

function anew(
  trigger: Trigger<unknown, unknown>,
  options: unknown,
  parts: readonly Part[],
): Trigger<unknown, unknown> {
  const fresh = parts.map((part) => ({ ...part, trigger: anew(part.trigger, part.options, part.parts) }))
  return new (trigger.constructor as PrimitiveClass)(options, fresh)
}

function changed(index: number, before: string | undefined, now: string): string {
  return `Decision ${index + 1} was\n${before}\nand is now\n${now}\nCopy what a firing gets: its lists belong to the runtime.`
}

/** A trigger of a bucket has partitions when it is told how to divide. */
function apart(history: History, { subject }: Trial): TriggerOptions {
  const { common } = history
  return scopeOf(subject, history) === 'bucket' && common.partitionBy === undefined
    ? { ...common, partitionBy: ({ session }) => session }
    : common
}

/** The other sessions' objects take their place in the log, but do not reach the trigger. */
function only(session: string, common: TriggerOptions): TriggerOptions {
  const { filter = () => true } = common
  return { ...common, filter: (object) => object.session === session && filter(object) }
}

function inSession(session: string, entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ partition }) => partition?.session === session || partition?.by === session)
}
