import type { ObjectRef } from '@stigmergy/core'
import { ownTarget, type TriggerHarness } from '../trigger-harness.js'
import { harnessOf, stepOf, type History } from './history.js'
import type { Decision, Entry, RecordedFiring } from './journal.js'
import { code, shown } from './shown.js'
import type { Step } from './step.js'
import type { TriggerSubject } from './subject.js'

/** More effects of one step than this are not shown. */
const mostEffects = 12

/** The history as people read it: what happened when, the last states, and an example to keep. */
export function timeline(subject: TriggerSubject, history: History): string {
  const harness = harnessOf(subject, history)
  const steps: Step[] = []
  const lines: string[] = []
  const states = [statesIn(harness)]
  for (const move of history.moves) {
    const read = harness.journal.entries.length
    const step = stepOf(move, harness)
    const error = errorOf(() => harness.step(step))
    steps.push(step)
    states.push(statesIn(harness))
    lines.push(lineOf(harness, step, [...harness.journal.entries.slice(read).flatMap(effectsOf), ...error]))
    if (error.length > 0) break
  }
  return [headOf(history), ...lines, ...lastStates(states), ...exampleOf(history, steps, harness)].join('\n')
}

function errorOf(call: () => void): readonly string[] {
  try {
    call()
    return []
  } catch (error) {
    return [String(error)]
  }
}

function headOf({ options, common, multi }: History): string {
  const inCommon = Object.keys(common).length > 0 ? ` with ${code(common)}` : ''
  return `options ${code(options)}${inCommon}${multi ? ' in a multi bucket' : ''}`
}

function lineOf({ clock }: TriggerHarness, step: Step, effects: readonly string[]): string {
  const time = `${clock.now()} ms`.padStart(8)
  return `  ${time}  ${code(brief(step)).padEnd(32)}  ${abridged(effects).join('; ')}`.trimEnd()
}

/** Of many effects the first and the last. */
function abridged(effects: readonly string[]): readonly string[] {
  const left = effects.length - mostEffects
  return left <= 0
    ? effects
    : [...effects.slice(0, mostEffects - 1), `and ${left} more`, ...effects.slice(-1)]
}

/** A put of nothing but a key is its key. */
function brief(step: Step): Step {
  return typeof step === 'object' && 'put' in step && Object.keys(step).length === 1 ? step.put : step
}

/** What an entry of a journal says, in words. */
export function effectsOf(entry: Entry): string[] {
  if (entry.is === 'fault') return [`fault: ${entry.error.message}`]
  if (entry.is === 'disposal') return [`${entry.reason} ${nameOf(entry.object)}`]
  const effects = [
    ...entry.firings.map(firingText),
    ...disposedTexts(entry),
    ...timerTexts(entry),
    ...otherTexts(entry),
  ]
  const timer = entry.event.kind === 'timer' ? [`timer ${code(entry.event.name)} rings`] : []
  return [...timer, ...(effects.length === 0 ? [restText(entry)] : effects)]
}

function firingText({ objects, target = ownTarget, partial, tag }: RecordedFiring): string {
  return [
    `fires [${objects.map(nameOf).join(' ')}]`,
    ...(target === ownTarget ? [] : [`to ${target}`]),
    ...(partial === true ? ['partial'] : []),
    ...(tag === undefined ? [] : [`as ${code(tag)}`]),
  ].join(' ')
}

function disposedTexts({ disposed, released }: Decision): string[] {
  const gone = disposed.map(({ object, reason }) => `${reason} ${nameOf(object)}`)
  return [...gone, ...released.map((object) => `releases ${nameOf(object)}`)]
}

function timerTexts({ timers }: Decision): string[] {
  return [...timers].map(([timer, at]) =>
    at === undefined ? `disarms ${code(timer)}` : `arms ${code(timer)} for ${at} ms`,
  )
}

function otherTexts({ report, refusal, cancellations }: Decision): string[] {
  return [
    ...(report === undefined ? [] : [`unsatisfied: ${code(report)}`]),
    ...(refusal === undefined ? [] : [`refused: ${refusal.code}`]),
    ...cancellations.map((which) => `cancels ${code(which)}`),
  ]
}

function restText({ event }: Decision): string {
  return event.kind === 'object' ? 'held' : 'ignored'
}

/** What may have been put is not a reference, when a primitive is wrong. */
function nameOf(object: ObjectRef): string {
  return typeof object?.key === 'string' ? object.key : shown(object)
}

function statesIn({ cell }: TriggerHarness): string {
  const states = [...cell.partitions].map(({ name, state }) => {
    const who = [name.session, name.by].filter((part) => part !== undefined).join('/')
    return `${who === '' ? '' : `${who}: `}${shown(state)}`
  })
  return states.length === 0 ? 'none' : states.join(', ')
}

function lastStates(states: readonly string[]): readonly string[] {
  return states.length < 2
    ? []
    : [`state before the last step: ${states.at(-2)}`, `state after the last step:  ${states.at(-1)}`]
}

/** The history as an entry of `examples`, so that it is checked first from now on. */
function exampleOf(
  { options, common, multi, startMs }: History,
  steps: readonly Step[],
  { fired }: TriggerHarness,
): readonly string[] {
  const setting = {
    options,
    ...(Object.keys(common).length > 0 && { common }),
    ...(multi && { multi }),
    ...(startMs !== 0 && { startMs }),
  }
  return [
    'as an example, if `fires` is right:',
    `  ${code({ ...setting, given: steps.map(brief), fires: fired })},`,
  ]
}
