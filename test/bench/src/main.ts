import { Command, InvalidArgumentError, Option } from 'commander'
import type { Case, MissingRow, Row } from './case.js'
import { measuredOf } from './case.js'
import { rewriteDocument } from './document.js'
import { machine } from './machine.js'
import { measure } from './measure.js'
import { Progress } from './progress.js'
import { casesTableOf, jsonOf, tableOf, targetsTableOf } from './report.js'
import { sortCommand } from './sort-command.js'
import { isTierName, type Tier, type TierName, tierNames, tiers } from './tiers.js'

interface Options {
  readonly tier: TierName
  readonly case?: readonly string[]
  readonly json?: true
  readonly quick?: true
  readonly markdown?: string
}

const program = new Command('bench')
  .enablePositionalOptions()
  .description('Measures hops, fan-outs, batches and more against other ways to do the same work.')
  .addOption(
    new Option('--tier <tier>', 'how far the work spreads; see below').default('1').argParser(knownTier),
  )
  .option('--case <name...>', 'measure only these cases')
  .option('--json', 'print one JSON object per row instead of tables')
  .option('--quick', 'only show that it runs: few turns, and a hundredth of the partitions and sessions')
  .option(
    '--markdown <file>',
    'also write the tables into this Markdown file, between the two marks of the tier',
  )
  .addHelpText('after', tierNames.map(helpOf).join('\n'))
  .action(run)
  .addCommand(sortCommand())

// Subjects end when their process ends, and the process of a subject when this one does.
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

try {
  await program.parseAsync()
} catch (error) {
  program.error(`error: ${error instanceof Error ? error.message : String(error)}`)
}

async function run(options: Options): Promise<void> {
  const tier = tiers[options.tier]
  const rows = await rowsOf(wanted(tier, options), options)
  const text = reportOf(tier, rows, options)
  if (options.json) for (const row of rows) console.log(jsonOf(row))
  else console.log(text)
  if (options.markdown !== undefined)
    rewriteDocument(
      options.markdown,
      `npm run bench -- --tier ${options.tier}`,
      `${text}\n\n${casesTableOf(tier.groups.flat())}`,
    )
}

async function rowsOf(
  groups: readonly (readonly Case[])[],
  { tier, quick }: Options,
): Promise<readonly (Row | MissingRow)[]> {
  const progress = new Progress(process.stderr)
  try {
    const rows: (Row | MissingRow)[] = []
    for (const group of groups)
      rows.push(...(await measure(group, { tier, effort: quick ? 'quick' : 'full' }, progress)))
    return rows
  } finally {
    progress.end()
  }
}

/** The groups of a tier, as far as they have cases that were asked for. */
function wanted({ groups }: Tier, { case: chosen }: Options): readonly (readonly Case[])[] {
  if (chosen === undefined) return groups
  const names = groups.flat().map(({ name }) => name)
  const unknown = chosen.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`No case ${unknown}. There are: ${names.join(', ')}.`)
  return groups
    .map((group) => group.filter(({ name }) => chosen.includes(name)))
    .filter(({ length }) => length > 0)
}

function reportOf({ targets }: Tier, rows: readonly (Row | MissingRow)[], { quick }: Options): string {
  const note = quick ? 'Quick run: these figures only show that the benchmark runs.' : ''
  return [machine(), note, tableOf(rows), targetsTableOf(targets, measuredOf(rows))]
    .filter((part) => part !== '')
    .join('\n\n')
}

function helpOf(name: TierName): string {
  const { reach, groups } = tiers[name]
  return `\nTier ${name}: the work ${reach}.\n\n${casesTableOf(groups.flat())}`
}

function knownTier(tier: string): TierName {
  if (isTierName(tier)) return tier
  throw new InvalidArgumentError('There are tiers 1, 2 and 3.')
}
