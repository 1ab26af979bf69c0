import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { LawResult, TriggerSubject } from '@stigmergy/conformance'
import { primitiveMeta } from 'stigmergy'
import { type CheckedLaw, junit } from './conformance/junit.js'
import { type Subjects, subjectsOf } from './conformance/subjects.js'
import { type Suite, suiteFor } from './conformance/suite.js'
import { counted } from './counted.js'
import type { Desk } from './desk.js'
import { unusable } from './import-file.js'
import { integer, wholeNumber } from './numbers.js'
import { UsageError } from './usage.js'

interface Options {
  readonly runs?: number
  readonly seed?: number
  readonly path?: string
  readonly law: readonly string[]
  readonly junit?: string
}

/** `stigmergy conformance`: the laws of triggers, for the primitives of a package. */
export function addConformance(program: Command, desk: Desk): void {
  program
    .command('conformance')
    .summary('check primitives against the laws')
    .description('Checks the primitives of a package against the laws that every trigger must keep.')
    .argument(
      '[subject]',
      'a package, its folder, or a module that says what its primitives are tested with',
      '.',
    )
    .option('--runs <n>', 'random histories per law (default: 1000)', wholeNumber)
    .option('--seed <n>', 'repeat a search (default: another one each time)', integer)
    .option('--path <path>', 'repeat one history of a search; with --seed and one --law')
    .option('--law <law>', 'check only this one, such as "C10 conservation"; may be repeated', collect, [])
    .option('--junit <file>', 'also write the report as XML for build servers')
    .addHelpText(
      'after',
      '\nA folder or package has a module conformance.ts (or .js), there or in test/ or src/, or exports ./conformance. It exports,\n' +
        'for each primitive, what testTrigger is given: { primitive, options: { valid, invalid }, examples }.',
    )
    .action((subject: string, options: Options) => conformance(desk, subject, options))
}

async function conformance(desk: Desk, address: string, options: Options): Promise<void> {
  if (options.path !== undefined && (options.seed === undefined || options.law.length !== 1))
    throw new UsageError('--path is of one search: it needs --seed and one --law')
  const found = await subjectsOf(address)
  const suite = await suiteFor(found.folder)
  checkLawNames(suite, options.law)
  const laws: CheckedLaw[] = []
  for (const subject of found.subjects)
    laws.push(...(await checkSubject(desk, suite, subject, options, address)))
  await conclude(desk, laws, found)
  if (options.junit !== undefined) writeReport(options.junit, laws)
}

function checkLawNames({ triggerLaws }: Suite, wanted: readonly string[]): void {
  const known = triggerLaws.map(({ id, name }) => `${id} ${name}`)
  const unknown = wanted.filter((law) => !known.includes(law))
  if (unknown.length > 0)
    throw new UsageError(`there is no law ${unknown.join(', ')}; there are ${known.join(', ')}`)
}

/** Checks all laws of one primitive, and tells of each as soon as it is known. */
async function checkSubject(
  desk: Desk,
  { checkTrigger }: Suite,
  subject: TriggerSubject,
  { runs, seed, path, law }: Options,
  address: string,
): Promise<readonly CheckedLaw[]> {
  const primitive = subject.name ?? primitiveMeta(subject.primitive).name
  const laws: CheckedLaw[] = []
  const told: Promise<void>[] = []
  desk.progress(`${primitive} is being checked`)
  await checkTrigger(subject, {
    ...(runs !== undefined && { runs }),
    ...(seed !== undefined && { seed }),
    ...(path !== undefined && { path }),
    ...(law.length > 0 && { laws: law }),
    report: (result, ms) => {
      const checked = { primitive, law: `${result.law} ${result.name}`, ms, broken: brokenBy(result) }
      laws.push(checked)
      told.push(tell(desk, checked, result, address))
      desk.progress(`${primitive}: ${checked.law} is checked`)
    },
  })
  await Promise.all(told)
  desk.progress('')
  return laws
}

/** Why the law is broken, by the suite's own message, which begins with the law. */
function brokenBy(result: LawResult): string | undefined {
  return result.ok ? undefined : result.error.message
}

async function tell(
  desk: Desk,
  { broken, ...law }: CheckedLaw,
  result: LawResult,
  address: string,
): Promise<void> {
  const title = `${law.primitive}: ${law.law}`
  if (broken === undefined || result.ok) return desk.result(`kept    ${title}`, { ...law, kept: true })
  desk.failed()
  const { seed, path } = result.error.counterexample ?? {}
  const reason = [
    ...broken.split('\n').filter((line) => !isHowToRepeat(line)),
    ...repetition(address, law, result),
  ]
  return desk.result([`BROKEN  ${title}`, ...reason.map((line) => `        ${line}`)].join('\n'), {
    ...law,
    kept: false,
    broken,
    seed,
    path,
  })
}

/** The suite tells how to repeat a search under a test runner. */
function isHowToRepeat(line: string): boolean {
  return line.startsWith('again: STIGMERGY_SEED=') || line.startsWith('repeat with seed ')
}

function repetition(address: string, { law }: Pick<CheckedLaw, 'law'>, result: LawResult): readonly string[] {
  if (result.ok || result.error.counterexample === undefined) return []
  const { seed, path } = result.error.counterexample
  return [`again: npx stigmergy conformance ${address} --law '${law}' --seed ${seed} --path ${path}`]
}

async function conclude(
  desk: Desk,
  laws: readonly CheckedLaw[],
  { subjects, untested }: Subjects,
): Promise<void> {
  for (const primitive of untested) {
    desk.failed()
    await desk.result(`BROKEN  ${primitive}: nobody says what it is tested with`, {
      primitive,
      kept: false,
      broken: 'untested',
    })
  }
  if (desk.json) return
  const broken = laws.filter((law) => law.broken !== undefined).length
  const checked = `${counted(subjects.length, 'primitive')}, ${counted(laws.length, 'law')} checked`
  await desk.result(`${checked}, ${broken === 0 ? 'all kept' : `${broken} broken`}`, undefined)
}

function writeReport(path: string, laws: readonly CheckedLaw[]): void {
  try {
    writeFileSync(path, junit(laws))
  } catch (cause) {
    throw unusable(`The report ${path} cannot be written: ${(cause as Error).message}`, path, cause)
  }
}

function collect(law: string, laws: readonly string[]): readonly string[] {
  return [...laws, law]
}
