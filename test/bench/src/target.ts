import { ours, type Row } from './case.js'

/** A figure that we want to reach, and how it is read from what was measured. */
export interface Target {
  readonly name: string
  readonly goal: string
  /** The figure as measured, or undefined if a case that it needs was not run. */
  readonly measured: (rows: readonly Row[]) => number | undefined
  readonly unit: string
  readonly met: (figure: number) => boolean
}

/** A figure that is met up to the goal. */
export function atMost(goal: number, unit: string, name: string, measured: Target['measured']): Target {
  return {
    name,
    unit,
    measured,
    goal: `at most ${goal.toLocaleString('en')} ${unit}`,
    met: (figure) => figure <= goal,
  }
}

/** A figure that is met from the goal on. */
export function atLeast(goal: number, unit: string, name: string, measured: Target['measured']): Target {
  return {
    name,
    unit,
    measured,
    goal: `at least ${goal.toLocaleString('en')} ${unit}`,
    met: (figure) => figure >= goal,
  }
}

/** The median of a subject in a case. */
export function medianOf(name: string, subject: string = ours): Target['measured'] {
  return (rows) => rows.find((row) => row.case === name && row.subject === subject)?.median
}

/** How many times the base our figure is; the base is ours, too, unless another subject is named. */
export function timesOf(name: string, base: string, subjectOfBase: string = ours): Target['measured'] {
  return (rows) => {
    const figure = medianOf(name)(rows)
    const against = medianOf(base, subjectOfBase)(rows)
    return figure === undefined || against === undefined ? undefined : figure / against
  }
}
