import { Command, InvalidArgumentError } from 'commander'
import { fullEffort, type MissingRow, type Row } from './case.js'
import { machine } from './machine.js'
import { missingRow, scratchFolder } from './measure.js'
import { Progress } from './progress.js'
import { jsonOf, tableOf } from './report.js'
import { SubjectRun } from './subject-run.js'
import { sortCase, type SortWork } from './tier-2/cases/sort.js'

interface Options {
  readonly size: number
  readonly memory: number
  readonly workers: number
  readonly rounds: number
  readonly json?: true
}

/** `bench sort`: the case of tier 2 with other sizes. */
export function sortCommand(): Command {
  return new Command('sort')
    .description('Sorts generated records beside GNU sort, in turns: MB a second, and resident memory.')
    .option('--size <bytes>', 'of the file, such as 1G', bytes, 1e9)
    .option('--memory <bytes>', 'of each program', bytes, 256e6)
    .option('--workers <n>', 'and threads of GNU sort', positive, 2)
    .option('--rounds <n>', 'turns of each', positive, 3)
    .option('--json', 'print one JSON object per row instead of a table')
    .action(run)
}

async function run({ size, memory, workers, rounds, json }: Options): Promise<void> {
  const rows = await rowsOf({ bytes: size, memoryBytes: memory, workers, rounds })
  if (json) for (const row of rows) console.log(jsonOf(row))
  else console.log(`${machine()}\n\n${tableOf(rows)}`)
}

/** The subjects are programs, so they need no processes of their own to be measured in. */
async function rowsOf(work: SortWork): Promise<readonly (Row | MissingRow)[]> {
  const measured = sortCase(work)
  const progress = new Progress(process.stderr)
  using scratch = scratchFolder()
  try {
    const contenders: (SubjectRun | MissingRow)[] = []
    for (const subject of measured.subjects)
      contenders.push(
        missingRow(measured, subject) ?? (await SubjectRun.open(measured, subject, fullEffort, scratch.path)),
      )
    for (let turn = 1; turn <= work.rounds; turn += 1) {
      progress.report([measured], turn, work.rounds)
      for (const contender of contenders) if (contender instanceof SubjectRun) await contender.turn()
    }
    const rows: (Row | MissingRow)[] = []
    for (const contender of contenders)
      rows.push(...(contender instanceof SubjectRun ? await contender.finish() : [contender]))
    return rows
  } finally {
    progress.end()
  }
}

const scales: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 }

function bytes(text: string): number {
  const [, number, scale = ''] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? []
  const bytes = Number(number) * (scales[scale.toUpperCase()] ?? NaN)
  if (bytes >= 1e5) return bytes
  throw new InvalidArgumentError('It must be a number of bytes such as 64M or 1G, at least 100K.')
}

function positive(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}
