import { isDeepStrictEqual } from 'node:util'
import { dispositions, type TriggerOptions } from '@stigmergy/core'
import type { Partition } from '@stigmergy/core/cell'
import type { TriggerHarness } from '../../trigger-harness.js'
import { overheard } from '../context.js'
import { chosen, play, type History } from '../history.js'
import { proceed } from '../instruments.js'
import type { Decision } from '../journal.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import { partOf, type Trial } from '../trial.js'
import { holdsWhatItSays } from './describe.js'

const reasons: ReadonlySet<unknown> = new Set(dispositions)

/** Nothing vanishes, and nothing is held beyond its bounds. */
export const ledgerLaws: readonly TriggerLaw[] = [
  {
    id: 'C6',
    name: 'atomic-step',
    sentence:
      'When a firing could first run, its step has taken effect as a whole: objects, timers and ledger.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, {
        before: (harness) => {
          harness.journal.onDecision = (decision, partition) => {
            balances(harness)
            hasTakenEffect(decision, partition)
          }
        },
      })
    }),
  },
  {
    id: 'C10',
    name: 'conservation',
    sentence: 'At any time admitted = fired + disposed + pending.',
    check: everyHistory((history, { subject }) => {
      play(subject, history, { after: balances })
    }),
  },
  {
    id: 'C10',
    name: 'reasons',
    sentence: 'An object is disposed for one of the known reasons.',
    check: everyHistory((history, { subject }) => {
      const unknown: unknown[] = []
      play(subject, history, {
        hook: (call) => {
          const ctx = overheard(call.ctx, (name, [, reason]) => {
            if (name === 'dispose' && !reasons.has(reason)) unknown.push(reason)
          })
          return proceed({ ...call, ctx })
        },
      })
      if (unknown.length > 0)
        throw new Error(`${shown(unknown[0])} is not one of ${dispositions.join(', ')}.`)
    }),
  },
  {
    id: 'C11',
    name: 'bounds',
    sentence: 'A trigger holds no more than `maxPending`, under every policy for what does not fit.',
    check: everyHistory((history, trial) => {
      const policies = policiesOf(history, trial)
      for (const number of chosen(history, 4 * policies.length)) {
        const bound = { maxPending: 1 + (number % 4), onOverflow: policies[number >> 2] ?? 'reject' }
        const bounded = { ...history, common: { ...history.common, ...bound } }
        play(trial.subject, bounded, { after: (harness) => staysWithin(harness, bound.maxPending) })
      }
    }),
  },
]

function hasTakenEffect({ firings, timers }: Decision, { pending, timers: armed }: Partition): void {
  const taken = firings.flatMap(({ objects, keeps = [] }) =>
    objects.filter((object) => !keeps.includes(object)),
  )
  const left = taken.find(({ seq }) => pending.has(seq))
  if (left !== undefined) throw new Error(`${left.key} is fired and still pending.`)
  for (const [timer, at] of timers)
    if (armed?.get(timer)?.dueAt !== at)
      throw new Error(`Timer ${timer} is not ${at === undefined ? 'disarmed' : `armed for ${at} ms`}.`)
}

function staysWithin(harness: TriggerHarness, maxPending: number): void {
  for (const partition of harness.cell.partitions) {
    if (partition.pending.size > maxPending)
      throw new Error(`It holds ${partition.pending.size} objects, and may hold ${maxPending}.`)
    holdsWhatItSays(harness, partition)
  }
  balances(harness)
}

function balances(harness: TriggerHarness): void {
  const { admitted, fired, pending, disposed } = harness.ledger
  const gone = Object.values(disposed).reduce((sum, count) => sum + count, 0)
  if (admitted !== fired + gone + pending)
    throw new Error(`${admitted} admitted, but ${fired} fired + ${gone} disposed + ${pending} pending.`)
  const counted = harness.journal.tally.read()
  if (!isDeepStrictEqual({ ...counted, disposed: {} }, { admitted, fired, pending, disposed: {} }))
    throw new Error(`The ledger says ${shown(harness.ledger)}, but the effects add up to ${shown(counted)}.`)
}

function policiesOf(
  { options }: History,
  { subject }: Trial,
): readonly NonNullable<TriggerOptions['onOverflow']>[] {
  const evicts = partOf(subject, options).trigger.onEvict !== undefined
  return ['reject', 'fireEarly', 'dropNewest', ...(evicts ? (['dropOldest'] as const) : [])]
}
