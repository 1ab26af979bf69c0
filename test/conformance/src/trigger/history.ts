import type { TriggerOptions } from '@stigmergy/core'
import { TriggerHarness } from '../trigger-harness.js'
import { instrument, type Instruments } from './instruments.js'
import type { Step } from './step.js'
import type { TriggerSubject } from './subject.js'

/** Time passes until shortly before, exactly when, or shortly after the next timer is due. */
interface ToTimer {
  /** ms from the due time. */
  readonly toTimer: -1 | 0 | 1
  readonly as: 'advance' | 'jump'
}

/** A step, or one that depends on what the trigger has done so far. */
export type Move = Step | ToTimer

/** All that a run of a trigger depends on. */
export interface History {
  readonly options: unknown
  readonly common: TriggerOptions
  readonly multi: boolean
  readonly startMs: number
  readonly moves: readonly Move[]
  /** What a law may choose by: where to crash, where to cut. */
  readonly dice: number
}

/** How a history is played. */
export interface Playing extends Instruments {
  /** Called before the first step. */
  readonly before?: (harness: TriggerHarness) => void
  /** Called after each step. */
  readonly after?: (harness: TriggerHarness, step: Step, index: number) => void
}

/** A history that has been played. */
export interface Played {
  readonly harness: TriggerHarness
  /** The same history in steps that depend on nothing. */
  readonly steps: readonly Step[]
}

/** A new trigger for a history to happen to. */
export function harnessOf(
  { primitive, primitives = [] }: TriggerSubject,
  { options, common, multi, startMs }: History,
  instruments: Instruments = {},
): TriggerHarness {
  return new TriggerHarness(primitive, options, {
    primitives,
    common,
    multi,
    startMs,
    instrument: instrument(instruments),
  })
}

/** Lets a history happen to a new trigger. */
export function play(subject: TriggerSubject, history: History, playing: Playing = {}): Played {
  const harness = harnessOf(subject, history, playing)
  const steps: Step[] = []
  playing.before?.(harness)
  for (const move of history.moves) {
    const step = stepOf(move, harness)
    steps.push(step)
    harness.step(step)
    playing.after?.(harness, step, steps.length - 1)
  }
  return { harness, steps }
}

/** The move as a step that depends on nothing. */
export function stepOf(move: Move, harness: TriggerHarness): Step {
  if (typeof move === 'string' || !('toTimer' in move)) return move
  const dueAt = harness.nextTimerAt
  const ms = dueAt === Infinity ? 1 : Math.max(0, dueAt + move.toTimer - harness.clock.now())
  return move.as === 'jump' ? { jump: ms } : { advance: ms }
}

/** The dice of an example: a law that chooses takes every choice, so that it breaks for sure if it can. */
export const everyChoice = 0x7fffffff

/** A choice for each step: every fourth or so in random histories. */
export function picks({ dice }: History, index: number): boolean {
  return ((dice >> (index % 29)) & 3) === 3
}

/** A choice of one number below `count` in random histories. */
export function chosen({ dice }: History, count: number): readonly number[] {
  return dice === everyChoice ? Array.from({ length: count }, (_, number) => number) : [dice % count]
}
