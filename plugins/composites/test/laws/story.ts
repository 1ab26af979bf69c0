import type { AnyPrimitive, Disposition, ObjectRef, PrimitiveClass, TriggerSpec } from '@stigmergy/core'
import { primitiveMeta } from '@stigmergy/core'
import { type Decision, type RecordedFiring, type Step, TriggerHarness } from '@stigmergy/conformance'

/** What happens to a trigger, and where. */
export interface Story {
  readonly scope: 'session' | 'bucket'
  readonly steps: readonly Step[]
}

/** A firing, as far as two triggers can agree on it. */
export interface Shot {
  /** The step in which it fired. */
  readonly step: number
  /** ms since the beginning. */
  readonly at: number
  /** The objects, each as `key#seq`. */
  readonly objects: readonly string[]
  readonly partial: boolean
  readonly target: string | undefined
}

/** What came of a story. */
export interface Outcome {
  readonly shots: readonly Shot[]
  /** The reasons of the rounds that could never fire, each with its step. */
  readonly reports: readonly string[]
  /** What was let go, each as `step key#seq reason`, in alphabetical order. */
  readonly disposed: readonly string[]
  /** What came of the first round. */
  readonly first: 'fired' | 'given up' | undefined
  /** What is held after each step. */
  readonly heldAfter: readonly (readonly string[])[]
}

/** Plays the story to the trigger. */
export function outcomeOf(spec: TriggerSpec, story: Story, primitives: readonly AnyPrimitive[]): Outcome {
  const harness = harnessOf(spec, story, primitives)
  const shots: Shot[] = []
  const heldAfter: (readonly string[])[] = []
  const ends: number[] = []
  for (const [index, step] of story.steps.entries()) {
    const known = harness.firings.length
    harness.step(step)
    shots.push(...harness.firings.slice(known).map((firing) => shotOf(firing, index)))
    heldAfter.push((harness.describe()?.held ?? []).map(label))
    ends.push(harness.journal.entries.length)
  }
  const stepOf = (entry: number) => ends.findIndex((end) => entry < end)
  const entries = harness.journal.entries.map((entry, index) => ({ entry, step: stepOf(index) }))
  return {
    shots,
    reports: entries.flatMap(({ entry, step }) =>
      entry.is === 'decision' && entry.report !== undefined ? [`${step} ${entry.report.reason}`] : [],
    ),
    disposed: entries
      .flatMap(({ entry, step }) => {
        if (entry.is === 'fault') throw entry.error
        const gone = entry.is === 'disposal' ? [entry] : entry.disposed
        return gone.map(({ object, reason }) => disposal(step, object, reason))
      })
      .sort(),
    first: firstOf(harness.journal.decisions),
    heldAfter,
  }
}

function harnessOf(
  { primitive, options }: TriggerSpec,
  { scope }: Story,
  primitives: readonly AnyPrimitive[],
): TriggerHarness {
  const classes = primitives as readonly unknown[] as readonly PrimitiveClass[]
  const type = classes.find((each) => primitiveMeta(each).name === primitive)
  if (type === undefined) throw new TypeError(`There is no primitive ${primitive} among those of the laws.`)
  return new TriggerHarness(type, options, { primitives, common: { scope }, multi: true })
}

function firstOf(decisions: readonly Decision[]): Outcome['first'] {
  const decisive = decisions.find(({ firings, report }) => firings.length > 0 || report !== undefined)
  if (decisive === undefined) return undefined
  return decisive.firings.length > 0 ? 'fired' : 'given up'
}

function shotOf({ at, objects, partial, target }: RecordedFiring, step: number): Shot {
  return { step, at, objects: objects.map(label), partial: partial === true, target }
}

function label({ key, seq }: ObjectRef): string {
  return `${key}#${seq}`
}

function disposal(step: number, object: ObjectRef, reason: Disposition): string {
  return `${step} ${label(object)} ${reason}`
}
