// Runs one subject of one case in a process of its own, a turn whenever it is told to: subject-process <case> <subject> <effort>
import { fullEffort, quickEffort, type Row } from './case.js'
import { groups } from './cases/index.js'
import { SubjectRun } from './subject-run.js'

/** What the process is asked for, one at a time. */
export type Order = 'warm-up' | 'turn' | 'rows'

/** Its answer: the rows if these were asked for. */
export type Answer = { readonly done: readonly Row[] } | { readonly failed: string }

const [caseName, subjectName, effort] = process.argv.slice(2)
const measured = groups.flat().find(({ name }) => name === caseName)
const subject = measured?.subjects.find(({ name }) => name === subjectName)
if (measured === undefined || subject === undefined)
  throw new Error(`No subject ${subjectName} of ${caseName}`)

const run = await SubjectRun.open(measured, subject, effort === 'quick' ? quickEffort : fullEffort)

process.on('message', (order: Order) => void answer(order))
process.on('disconnect', () => process.exit())

async function answer(order: Order): Promise<void> {
  try {
    send({ done: await obey(order) })
  } catch (error) {
    send({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

async function obey(order: Order): Promise<readonly Row[]> {
  if (order === 'rows') return run.finish()
  if (order === 'warm-up') await run.warmUp()
  else await run.turn()
  return []
}

function send(message: Answer): void {
  process.send?.(message)
}
