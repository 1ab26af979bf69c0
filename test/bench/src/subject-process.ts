// Runs one subject of one case in a process of its own, a turn whenever it is told to:
// subject-process <tier> <case> <subject> <effort> <scratch folder>
import { fullEffort, quickEffort, type Row } from './case.js'
import { SubjectRun } from './subject-run.js'
import { isTierName, tiers } from './tiers.js'

/** What the process is asked for, one at a time. */
export type Order = 'warm-up' | 'turn' | 'rows'

/** Its answer: the rows if these were asked for. */
export type Answer = { readonly done: readonly Row[] } | { readonly failed: string }

const [tier = '', caseName, subjectName, effort, scratch = ''] = process.argv.slice(2)
const groups = isTierName(tier) ? tiers[tier].groups : []
const measured = groups.flat().find(({ name }) => name === caseName)
const subject = measured?.subjects.find(({ name }) => name === subjectName)
if (measured === undefined || subject === undefined)
  throw new Error(`No subject ${subjectName} of ${caseName}`)

// What a subject has started may only hear of an orderly exit.
process.on('SIGTERM', () => process.exit(143))

process.on('disconnect', () => process.exit())

const opening = SubjectRun.open(measured, subject, effort === 'quick' ? quickEffort : fullEffort, scratch)
opening.catch(() => undefined) // whoever asks first is told

process.on('message', (order: Order) => void answer(order))

async function answer(order: Order): Promise<void> {
  try {
    send({ done: await obey(order) })
  } catch (error) {
    send({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

async function obey(order: Order): Promise<readonly Row[]> {
  const run = await opening
  if (order === 'rows') return run.finish()
  if (order === 'warm-up') await run.warmUp()
  else await run.turn()
  return []
}

function send(message: Answer): void {
  process.send?.(message)
}
