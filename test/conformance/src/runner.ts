import fc from 'fast-check'
import { within } from './waiting.js'

/** Runs a test under a title: `test` of ava, of `node:test` and of vitest are runners. */
export type Runner = (title: string, body: (t: unknown) => Promise<void>) => unknown

/** A sentence that must be true of every subject, and the check of it. */
export interface Law<Subject> {
  /** Never renamed, never reused. */
  readonly id: string
  /** A few words with hyphens. */
  readonly name: string
  readonly sentence: string
  /** Whether the law says anything about this subject. Default: it does. */
  readonly applies?: (subject: Subject) => boolean
  /** Throws or rejects when the subject breaks the law. */
  readonly check: (subject: Subject) => void | Promise<void>
}

/** What every suite lets its subject set. */
export interface SuiteOptions {
  /** Stands in the titles of the tests. */
  readonly name: string
  /** Random cases per property. Default 50. */
  readonly runs?: number
  /** Where the random cases start: repeats a failed run. Default: another one each time. */
  readonly seed?: number
  /** How long one wait may take before the law counts as broken, in ms. Default 5,000. */
  readonly deadlineMs?: number
}

/** The outcome of one law. */
export type LawResult =
  | { readonly law: string; readonly name: string; readonly ok: true }
  | { readonly law: string; readonly name: string; readonly ok: false; readonly error: LawBroken }

/** How to repeat a failed property, and the smallest case that was found to break it. */
export interface Counterexample {
  readonly seed: number
  readonly path: string
  readonly shrinks: number
  readonly value: unknown
}

/** A subject breaks a law. The message starts with the law's id and name. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken'
  readonly law: string
  readonly lawName: string
  readonly counterexample: Counterexample | undefined

  constructor(law: Pick<Law<never>, 'id' | 'name' | 'sentence'>, cause: unknown) {
    const falsified = cause instanceof Falsified ? cause : undefined
    super(`${law.id} ${law.name}: ${law.sentence}\n${reasonOf(cause)}`, { cause: falsified?.cause ?? cause })
    this.law = law.id
    this.lawName = law.name
    this.counterexample = falsified?.counterexample
  }
}

/** What `forAll` throws: the property does not hold, for this value. */
export class Falsified extends Error {
  override readonly name = 'Falsified'
  readonly counterexample: Counterexample

  constructor(counterexample: Counterexample, cause: unknown) {
    const { seed, path, shrinks, value } = counterexample
    const repeat = `repeat with seed ${seed}; path ${path}, shrunk ${shrinks} times`
    super(`${reasonOf(cause)}\nwith ${fc.stringify(value)}\n${repeat}`, { cause })
    this.counterexample = counterexample
  }
}

const defaults = { runs: 50, deadlineMs: 5_000 }

/** How long a broken property goes on looking for a smaller case, in deadlines: a case that hangs takes a whole one. */
const shrinkDeadlines = 4

/** How long a law may take in all, in deadlines. */
const lawDeadlines = 24

/** The wait that a subject asks for, in ms. */
export function deadlineOf(options: Pick<SuiteOptions, 'deadlineMs'>): number {
  return options.deadlineMs ?? defaults.deadlineMs
}

/** Tries `body` with random values. Throws `Falsified` with the smallest value found for which it throws. */
export async function forAll<Value>(
  options: Pick<SuiteOptions, 'runs' | 'seed' | 'deadlineMs'>,
  values: fc.Arbitrary<Value>,
  body: (value: Value) => void | Promise<void>,
): Promise<void> {
  let shrinkUntil = Infinity
  const property = fc.asyncProperty(values, async (value) => {
    if (performance.now() > shrinkUntil) return
    try {
      await body(value)
    } catch (error) {
      shrinkUntil = Math.min(shrinkUntil, performance.now() + shrinkDeadlines * deadlineOf(options))
      throw error
    }
  })
  const { runs: numRuns = defaults.runs, seed } = options
  const details = await fc.check(property, seed === undefined ? { numRuns } : { numRuns, seed })
  if (!details.failed) return
  const { counterexamplePath: path, counterexample, numShrinks: shrinks } = details
  throw new Falsified(
    { seed: details.seed, path: path ?? '', shrinks, value: counterexample?.[0] },
    details.errorInstance,
  )
}

/** Registers one test per law that applies. They run one after the other, since some count what the process holds open. */
export function testLaws<Subject extends SuiteOptions>(
  runner: Runner,
  laws: readonly Law<Subject>[],
  subject: Subject,
): void {
  let previous: Promise<unknown> = Promise.resolve()
  for (const law of applicable(laws, subject)) {
    runner(`${subject.name}: ${law.id} ${law.name}: ${law.sentence}`, (t) => {
      const run = previous.then(() => uphold(law, subject)).then(() => pass(t))
      previous = run.catch(() => undefined)
      return run
    })
  }
}

/** Hears of each law as soon as it has been checked, and of the ms that it took. */
export type Reporter = (result: LawResult, ms: number) => void

/** Runs the laws that apply, one after the other, and says of each whether the subject keeps it. `only` names some by id. */
export async function checkLaws<Subject extends SuiteOptions>(
  laws: readonly Law<Subject>[],
  subject: Subject,
  only?: readonly string[],
  report: Reporter = () => undefined,
): Promise<readonly LawResult[]> {
  const results: LawResult[] = []
  for (const law of applicable(laws, subject)) {
    if (only?.includes(law.id) === false) continue
    const begun = performance.now()
    const result = await resultOf(law, subject)
    results.push(result)
    report(result, performance.now() - begun)
  }
  return results
}

function applicable<Subject>(laws: readonly Law<Subject>[], subject: Subject): readonly Law<Subject>[] {
  return laws.filter((law) => law.applies?.(subject) ?? true)
}

async function resultOf<Subject extends SuiteOptions>(
  law: Law<Subject>,
  subject: Subject,
): Promise<LawResult> {
  try {
    await uphold(law, subject)
    return { law: law.id, name: law.name, ok: true }
  } catch (error) {
    return { law: law.id, name: law.name, ok: false, error: error as LawBroken }
  }
}

async function uphold<Subject extends SuiteOptions>(law: Law<Subject>, subject: Subject): Promise<void> {
  try {
    const checked = Promise.resolve().then(() => law.check(subject))
    await within(checked, lawDeadlines * deadlineOf(subject), 'The end of the check')
  } catch (cause) {
    throw new LawBroken(law, cause)
  }
}

/** Some runners count assertions and fail a test without one. */
function pass(t: unknown): void {
  if (countsAssertions(t)) t.pass()
}

function countsAssertions(t: unknown): t is { pass(): void } {
  return typeof t === 'object' && t !== null && 'pass' in t && typeof t.pass === 'function'
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
