import fc from 'fast-check'
import { Falsified, type Law } from '../runner.js'
import type { History } from './history.js'
import { leanest, type Circumstances } from './lean.js'
import { timeline } from './timeline.js'
import type { Trial } from './trial.js'

/** A law of triggers. */
export type TriggerLaw = Law<Trial>

/**
 * A check of many histories: those of the examples first, then random ones. `check` throws when a history breaks the law. The error
 * has the smallest history that was found to break it, and how to repeat the search.
 */
export function everyHistory(check: Check): (trial: Trial) => void {
  return (trial) => {
    const { runs, seed, path, corpus, histories } = trial
    const details = fc.check(
      fc.property(histories, (history) => check(history, trial)),
      {
        numRuns: corpus.length + runs,
        examples: corpus.map((history): [History] => [history]),
        ...(seed !== undefined && { seed }),
        ...(path !== undefined && { path }),
      },
    )
    const broken = details.counterexample?.[0]
    if (broken !== undefined) throw falsified(trial, check, details, broken)
  }
}

type Check = (history: History, trial: Trial) => void

function falsified(trial: Trial, check: Check, details: fc.RunDetails<[History]>, broken: History): Error {
  const { seed, counterexamplePath, numShrinks: shrinks } = details
  const { history, error } = leanest(broken, usualOf(trial), (history) =>
    errorOf(() => check(history, trial)),
  )
  const path = counterexamplePath ?? ''
  const text = `${timeline(trial.subject, history)}\nagain: STIGMERGY_SEED=${seed} STIGMERGY_PATH=${path}`
  return new Falsified(
    { seed, path, shrinks, value: { ...history, [fc.toStringMethod]: () => text } },
    error ?? details.errorInstance,
  )
}

function usualOf({ subject: { common = {}, multi = false } }: Trial): Circumstances {
  return { common, multi, startMs: 0 }
}

function errorOf(call: () => void): unknown {
  try {
    call()
    return undefined
  } catch (error) {
    return error
  }
}
