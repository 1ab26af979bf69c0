import { isDeepStrictEqual } from 'node:util'
import type { Outcome } from '@stigmergy/core'
import type { TriggerHarness } from '../../trigger-harness.js'
import { chosen, picks, play, type History, type Playing } from '../history.js'
import { proceed } from '../instruments.js'
import type { Entry } from '../journal.js'
import { notCarried, notPlain } from '../plain.js'
import { sameEntries, sameStates } from '../outline.js'
import { everyHistory, type TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import type { TriggerSubject } from '../subject.js'
import { partOf, scopeOf, type Trial } from '../trial.js'

/** Ends, crashes, faults and new versions. */
export const lifecycleLaws: readonly TriggerLaw[] = [
  {
    id: 'C13',
    name: 'session-end',
    sentence: 'When its session has ended, nothing of a trigger is left, and what still comes is late.',
    check: everyHistory((history, trial) => {
      if (scopeOf(trial.subject, history) === 'bucket') return
      for (const number of chosen(history, outcomes.length))
        endsWell(history, trial, outcomes[number] ?? 'succeeded')
    }),
  },
  {
    id: 'C14',
    name: 'restart',
    sentence: 'After a crash at any event a trigger goes on from its snapshot as if nothing had happened.',
    check: everyHistory((history, { subject }) => {
      const { harness, steps } = play(subject, history)
      const crashed = play(
        subject,
        { ...history, moves: steps },
        {
          after: (running, _step, index) => {
            if (picks(history, index)) running.restart()
          },
        },
      )
      sameEntries(harness.journal.entries, crashed.harness.journal.entries, 'After a restart')
      sameStates(harness, crashed.harness, 'After a restart')
    }),
  },
  {
    id: 'C22',
    name: 'faults',
    sentence: 'A hook that throws leaves everything as it was before the event.',
    check: everyHistory((history, { subject }) => {
      const { harness, steps } = play(subject, history)
      const calls = harness.journal.decisions.length
      for (const call of calls === 0 ? [] : chosen(history, calls)) {
        const faulty = play(subject, { ...history, moves: steps }, throwingIn(call))
        sameEntries(withoutFaults(harness), withoutFaults(faulty.harness), 'After a fault')
        sameStates(harness, faulty.harness, 'After a fault')
      }
    }),
  },
  {
    id: 'P22',
    name: 'migrate',
    sentence: 'Every older version of the state can be read.',
    check: ({ subject, meta }) => {
      for (let version = 1; version < meta.stateVersion; version += 1) migratesFrom(version, subject)
    },
  },
]

const outcomes: readonly Outcome[] = ['succeeded', 'failed', 'cancelled', 'expired']

function endsWell(history: History, { subject }: Trial, outcome: Outcome): void {
  const { harness } = play(subject, history)
  harness.clock.runDue()
  for (const { name } of [...harness.cell.partitions]) endSession(harness, name.session, outcome)
  const { pending } = harness.ledger
  if (pending > 0) throw new Error(`${pending} objects are still pending.`)
  if (harness.nextTimerAt !== Infinity)
    throw new Error(`A timer is still armed for ${harness.nextTimerAt} ms.`)
  if (harness.cell.partitions.size > 0) throw new Error(`${harness.cell.partitions.size} states are left.`)
}

function endSession(harness: TriggerHarness, session: string | undefined, outcome: Outcome): void {
  const before = harness.firings.length
  harness.end(outcome, session)
  if ((outcome === 'cancelled' || outcome === 'expired') && harness.firings.length > before)
    throw new Error(`It fires although its session was ${outcome}.`)
  const read = harness.firings.length
  harness.put({ put: 'late', ...(session !== undefined && { session }) })
  if (harness.firings.length > read) throw new Error('It fires an object of a session that has ended.')
}

/** Throws once, at the end of one call, when everything has been changed already. */
function throwingIn(call: number): Playing {
  const injected = new Error('a fault for the test')
  let calls = 0
  let before: unknown
  return {
    before: (harness) => {
      harness.journal.onFault = ({ error }, partition) => {
        if (error.cause !== injected) return
        if (!isDeepStrictEqual(partition.state, before))
          throw new Error(`The state was ${shown(before)} and is ${shown(partition.state)} after the fault.`)
        harness.cell.resumePartition(partition)
      }
    },
    hook: (hookCall) => {
      const throws = calls++ === call
      if (throws) before = structuredClone(hookCall.state)
      const firings = proceed(hookCall)
      if (throws) throw injected
      return firings
    },
  }
}

function withoutFaults({ journal }: TriggerHarness): readonly Entry[] {
  return journal.entries.filter(({ is }) => is !== 'fault')
}

function migratesFrom(version: number, subject: TriggerSubject): void {
  const { options, older = [] } = subject
  const states = older.filter(({ stateVersion }) => stateVersion === version)
  if (states.length === 0) throw new Error(`\`older\` has no state of version ${version}.`)
  const { trigger } = partOf(subject, options.valid[0])
  for (const { state, becomes } of states) {
    const migrated = trigger.migrate?.(structuredClone(state), version)
    if (!isDeepStrictEqual(migrated, becomes))
      throw new Error(`Version ${version} becomes ${shown(migrated)} and not ${shown(becomes)}.`)
    const problem = notPlain(migrated) ?? notCarried(migrated)
    if (problem !== undefined) throw new Error(problem)
  }
}
