import type { Closed } from '@stigmergy/core'
import type { Partition } from '@stigmergy/core/cell'
import type { TriggerHarness } from '../../trigger-harness.js'
import { picks, play } from '../history.js'
import type { Decision, Entry } from '../journal.js'
import { essenceOf, outline } from '../outline.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import { code } from '../shown.js'
import type { Step } from '../step.js'
import { effectsOf } from '../timeline.js'

/** Events come in any order, repeatedly, and of kinds that a primitive does not know. */
export const eventLaws: readonly TriggerLaw[] = [
  {
    id: 'P22',
    name: 'totality',
    sentence: 'No event makes a hook throw or break the contract.',
    check: everyHistory((history, { subject }) => {
      const { harness } = play(subject, history, {
        after: ({ cell }, _step, index) => {
          if (picks(history, index)) for (const partition of cell.partitions) cell.watermark(partition, index)
        },
      })
      const [fault] = harness.journal.faults
      if (fault !== undefined) throw fault.error
    }),
  },
  {
    id: 'P22',
    name: 'unknown-events',
    sentence: 'A fact of an unknown scope and a timer that was never armed have no effect.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        after: (harness) => {
          harness.clock.runDue()
          for (const partition of harness.cell.partitions) {
            if (partition.phase !== 'open') continue
            const close = (): unknown => harness.cell.close(partition, unknownFact)
            changesNothing(harness, 'a fact of an unknown scope', close)
            changesNothing(harness, 'an unknown timer', () => ringUnknown(harness, partition))
          }
        },
      })
    }),
  },
  {
    id: 'P22',
    name: 'idempotent-facts',
    sentence: 'A fact, a flush or a reset that comes twice in a row has no effect the second time.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        after: (harness, step) => {
          if (!mayRepeat(step) || hasEnded(harness)) return
          changesNothing(harness, `the second ${code(step)}`, () => harness.step(step))
        },
      })
    }),
  },
]

/** What a later version of the runtime may know. */
const unknownFact = { scope: 'galaxy', name: 'x', outcome: 'succeeded' } as unknown as Closed

function ringUnknown({ cell, clock }: TriggerHarness, partition: Partition): void {
  cell.timers.change(partition, 'a timer that nobody has armed', clock.now())
  clock.runDue()
}

/** Lets something happen that must have no effect. */
function changesNothing(harness: TriggerHarness, what: string, happen: () => void): void {
  const partitions = [...harness.cell.partitions]
  const before = partitions.map(textOf)
  const read = harness.journal.entries.length
  happen()
  const effect = harness.journal.entries.slice(read).find(hasEffect)
  if (effect !== undefined) throw new Error(`At ${what} it does something: ${effectsOf(effect).join('; ')}.`)
  const after = partitions.map(textOf)
  const changed = after.findIndex((text, index) => text !== before[index])
  if (changed >= 0) throw new Error(`At ${what}\n${before[changed]}\nbecomes\n${after[changed]}`)
}

function mayRepeat(step: Step): boolean {
  return typeof step === 'object' && ('closed' in step || 'flush' in step || 'reset' in step)
}

/** After the end of a round the next event is the first of another one. */
function hasEnded({ journal }: TriggerHarness): boolean {
  const last = journal.entries.findLast((entry): entry is Decision => entry.is === 'decision')
  return last?.report !== undefined
}

function hasEffect(entry: Entry): boolean {
  if (entry.is !== 'decision') return true
  const { firings, disposed, released, cancellations, report } = entry
  return firings.length + disposed.length + released.length + cancellations.length > 0 || report !== undefined
}

function textOf(partition: Partition): string {
  return outline(essenceOf(partition))
}
