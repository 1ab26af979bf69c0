import { isDeepStrictEqual } from 'node:util'
import {
  primitiveMeta,
  type Part,
  type PrimitiveClass,
  type PrimitiveMeta,
  type Scope,
  type TriggerOptions,
} from '@stigmergy/core'
import { findIn, makePart } from '@stigmergy/core/cell'
import fc from 'fast-check'
import type { SuiteOptions } from '../runner.js'
import { historiesOf } from './histories.js'
import { everyChoice, type History } from './history.js'
import type { Step } from './step.js'
import type { Example, TriggerSubject } from './subject.js'
import { vocabularyOf, type Vocabulary } from './vocabulary.js'

/** How thoroughly, and where from, a primitive is tested. */
export interface TrialOptions {
  /** Random histories per law. Default: `STIGMERGY_RUNS`, or 1,000. */
  readonly runs?: number
  /** Repeats a search. Default: `STIGMERGY_SEED`, or another one each time. */
  readonly seed?: number
  /** Repeats one history of a search. Default: `STIGMERGY_PATH`. */
  readonly path?: string
}

/** One of the option sets under test, with what is known about it. */
export interface Setting {
  readonly options: unknown
  readonly common: TriggerOptions
  readonly multi: boolean | undefined
  readonly vocabulary: Vocabulary
  /** What happens in the examples with these options. */
  readonly examples: readonly (readonly Step[])[]
  /** What happens in the examples with other options. */
  readonly otherExamples: readonly (readonly Step[])[]
  readonly sharpened: fc.Arbitrary<readonly Step[]> | undefined
}

/** A primitive and all that its laws need to be checked. */
export interface Trial extends SuiteOptions {
  readonly subject: TriggerSubject
  readonly meta: PrimitiveMeta
  readonly runs: number
  readonly path: string | undefined
  /** The examples. */
  readonly corpus: readonly History[]
  /** Random ones, over all option sets. */
  readonly histories: fc.Arbitrary<History>
}

const defaultRuns = 1_000

/** Prepares a primitive for its laws. Throws `STG_PRIMITIVE_INVALID` for a class that is none. */
export function trialOf(subject: TriggerSubject, options: TrialOptions = {}): Trial {
  const meta = primitiveMeta(subject.primitive)
  const { STIGMERGY_RUNS, STIGMERGY_SEED, STIGMERGY_PATH } = process.env
  const seed = options.seed ?? numberIn(STIGMERGY_SEED)
  return {
    name: subject.name ?? meta.name,
    subject,
    meta,
    runs: options.runs ?? numberIn(STIGMERGY_RUNS) ?? defaultRuns,
    path: options.path ?? (STIGMERGY_PATH === '' ? undefined : STIGMERGY_PATH),
    ...(seed !== undefined && { seed }),
    corpus: subject.examples.map((example) => historyOf(subject, example)),
    histories: fc.oneof(...settingsOf(subject, meta).map(historiesOf)),
  }
}

/** The primitive under test with these options. Throws `STG_OPTIONS_INVALID`. */
export function partOf({ primitive, primitives = [] }: TriggerSubject, options: unknown): Part {
  const known = primitives as readonly unknown[] as readonly PrimitiveClass[]
  return makePart(primitive, options, findIn(known))
}

/** The scope that a history happens in. */
export function scopeOf(subject: TriggerSubject, { options, common }: History): Scope {
  return common.scope ?? partOf(subject, options).scope
}

/** The example as a history. */
export function historyOf(subject: TriggerSubject, example: Example): History {
  const { common, multi, startMs = 0, given } = example
  return {
    options: optionsOf(subject, example),
    common: { ...subject.common, ...common },
    multi: multi ?? subject.multi ?? false,
    startMs,
    moves: given,
    dice: everyChoice,
  }
}

/** One for each different option set of the subject and its examples. Options that are refused are another law's affair. */
function settingsOf(subject: TriggerSubject, meta: PrimitiveMeta): readonly Setting[] {
  const { common = {}, multi, arbitrary, examples } = subject
  const all = [...subject.options.valid, ...examples.map((example) => optionsOf(subject, example))]
  const different = all.filter(
    (options, index) => all.findIndex((other) => isDeepStrictEqual(other, options)) === index,
  )
  const accepted = different.flatMap((options) => parsedBy(subject, options) ?? [])
  if (accepted.length === 0) throw new TypeError(`The subject ${meta.name} has no valid options.`)
  return accepted.map(({ options, parsed }) => ({
    options,
    common,
    multi,
    vocabulary: vocabularyOf(options),
    examples: givenBy(examples.filter((example) => isDeepStrictEqual(optionsOf(subject, example), options))),
    otherExamples: givenBy(
      examples.filter((example) => !isDeepStrictEqual(optionsOf(subject, example), options)),
    ),
    sharpened: arbitrary?.(parsed),
  }))
}

function optionsOf(subject: TriggerSubject, { options = subject.options.valid[0] }: Example): unknown {
  return options
}

function givenBy(examples: readonly Example[]): readonly (readonly Step[])[] {
  return examples.map(({ given }) => given)
}

function parsedBy(
  subject: TriggerSubject,
  options: unknown,
): { readonly options: unknown; readonly parsed: unknown } | undefined {
  try {
    return { options, parsed: partOf(subject, options).options }
  } catch {
    return undefined
  }
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text)
}
