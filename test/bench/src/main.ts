import { Command, InvalidArgumentError, Option } from 'commander'
import type { Case, Row } from './case.js'
import { groups } from './cases/index.js'
import { rewriteDocument } from './document.js'
import { machine } from './machine.js'
import { measure } from './measure.js'
import { Progress } from './progress.js'
import { casesTableOf, tableOf, targetsTableOf } from './report.js'
import { targets } from './targets.js'

interface Options {
  readonly case?: readonly string[]
  readonly json?: true
  readonly quick?: true
  readonly markdown?: string
}

const cases = groups.flat()
const names = cases.map(({ name }) => name)

const program = new Command('bench')
  .description('Measures hops, fan-out, batches, puts and sessions against other ways to run the same work.')
  .addOption(
    new Option('--tier <tier>', 'how far the work spreads: 1 stays inside one worker')
      .default('1')
      .argParser(knownTier),
  )
  .addOption(new Option('--case <name...>', 'measure only these cases').argParser(knownCase))
  .option('--json', 'print one JSON object per row instead of tables')
  .option('--quick', 'only show that it runs: few turns, and a hundredth of the partitions and sessions')
  .option('--markdown <file>', 'also write the tables into this Markdown file, between its two marks')
  .addHelpText('after', `\n${casesTableOf(cases)}`)
  .action(run)

try {
  await program.parseAsync()
} catch (error) {
  program.error(`error: ${error instanceof Error ? error.message : String(error)}`)
}

async function run(options: Options): Promise<void> {
  const rows = await rowsOf(options)
  const text = reportOf(rows, options)
  if (options.json) for (const row of rows) console.log(JSON.stringify(row))
  else console.log(text)
  if (options.markdown !== undefined) rewriteDocument(options.markdown, `${text}\n\n${casesTableOf(cases)}`)
}

async function rowsOf({ case: chosen, quick }: Options): Promise<readonly Row[]> {
  const progress = new Progress(process.stderr)
  try {
    const rows: Row[] = []
    for (const group of wanted(chosen))
      rows.push(...(await measure(group, quick ? 'quick' : 'full', progress)))
    return rows
  } finally {
    progress.end()
  }
}

function wanted(chosen: readonly string[] = names): readonly (readonly Case[])[] {
  return groups
    .map((group) => group.filter(({ name }) => chosen.includes(name)))
    .filter(({ length }) => length > 0)
}

function reportOf(rows: readonly Row[], { quick }: Options): string {
  const note = quick ? 'Quick run: these figures only show that the benchmark runs.' : ''
  return [machine(), note, tableOf(rows), targetsTableOf(targets, rows)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function knownTier(tier: string): string {
  if (tier === '1') return tier
  if (tier === '2' || tier === '3')
    throw new InvalidArgumentError(`Tier ${tier} is not built yet. There is tier 1.`)
  throw new InvalidArgumentError('There is tier 1.')
}

function knownCase(name: string, before: readonly string[] = []): readonly string[] {
  if (!names.includes(name)) throw new InvalidArgumentError(`There are: ${names.join(', ')}.`)
  return [...before, name]
}
