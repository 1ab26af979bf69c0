import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { ownTarget, type TriggerHarness } from '../../trigger-harness.js'
import { play } from '../history.js'
import type { TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import type { Example } from '../subject.js'
import { timeline } from '../timeline.js'
import { historyOf, type Trial } from '../trial.js'

/** Random histories that make a trigger fire, of 100, so that laws about firings mean something. */
const fairShare = 5
const sampled = 200

/** What a primitive is meant to do, and whether the laws see enough of it. */
export const exampleLaws: readonly TriggerLaw[] = [
  {
    id: 'P22',
    name: 'examples',
    sentence: 'The trigger does what the examples say.',
    check: ({ subject }) => {
      if (subject.examples.length === 0) throw new Error('`examples` is empty.')
      for (const example of subject.examples) {
        const history = historyOf(subject, example)
        const problem = difference(example, play(subject, history).harness)
        if (problem !== undefined)
          throw new Error(`${example.name ?? 'An example'}: ${problem}\n${timeline(subject, history)}`)
      }
    },
  },
  {
    id: 'P22',
    name: 'coverage',
    sentence: 'Random histories make the trigger fire often enough for the other laws to mean something.',
    check: (trial) => {
      if (trial.subject.examples.every(({ fires }) => fires.length === 0)) return
      const share = shareThatFires(trial)
      if (share < fairShare)
        throw new Error(
          `${share.toFixed(1)} % of the random histories fire: give the subject an \`arbitrary\` that makes more of them fire.`,
        )
    },
  },
]

function shareThatFires({ subject, histories, seed }: Trial): number {
  const sample = fc.sample(histories, { numRuns: sampled, ...(seed !== undefined && { seed }) })
  const firing = sample.filter((history) => play(subject, history).harness.firings.length > 0)
  return (100 * firing.length) / sampled
}

/** Where a run is not as the example says, in words. */
function difference(example: Example, harness: TriggerHarness): string | undefined {
  for (const [field, actual] of Object.entries(outcomeOf(example, harness))) {
    const expected: unknown = Reflect.get(example, field)
    if (expected !== undefined && !isDeepStrictEqual(actual, expected))
      return `${field} is ${shown(actual)} and not ${shown(expected)}.`
  }
  return undefined
}

type Outcome = Omit<
  Required<Example>,
  'name' | 'options' | 'common' | 'multi' | 'startMs' | 'given' | 'refused'
> & {
  readonly refused: string | undefined
}

function outcomeOf(
  { unsatisfied }: Example,
  { journal, fired, firings, disposed, cell }: TriggerHarness,
): Outcome {
  const report = journal.decisions.find((decision) => decision.report !== undefined)?.report
  return {
    fires: fired,
    targets: firings.map(({ target = ownTarget }) => target),
    partial: firings.map(({ partial = false }) => partial),
    disposed,
    held: [...cell.partitions].flatMap(({ pending }) => [...pending.values()].map(({ key }) => key)),
    unsatisfied: typeof unsatisfied === 'string' ? (report?.reason ?? false) : report !== undefined,
    refused: journal.decisions.find(({ refusal }) => refusal !== undefined)?.refusal?.code,
  }
}
