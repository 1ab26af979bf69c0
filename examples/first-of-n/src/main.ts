import { setTimeout } from 'node:timers/promises'
import Table from 'cli-table3'
import { Command, InvalidArgumentError } from 'commander'
import { defineRuntime, start } from 'stigmergy'
import { race } from './app.js'

interface Options {
  readonly delays: readonly number[]
  readonly k: number
}

/** What became of a replica, and when. */
interface Fate {
  readonly delay: number
  readonly outcome: 'answered' | 'cancelled'
  readonly ms: number
}

await new Command('first-of-n')
  .description('Asks several replicas the same, takes the first answers and cancels the rest.')
  .option('--delays <ms,...>', 'how long each replica takes', delays, [120, 40, 90, 60, 150])
  .option('--k <n>', 'how many answers are enough', wholeNumber, 2)
  .action(run)
  .parseAsync()

async function run({ delays, k }: Options, command: Command): Promise<void> {
  const n = delays.length
  if (k < 1 || k > n) command.error(`error: --k must be from 1 to ${n}, which is the number of replicas`)
  const begun = performance.now()
  const fates = new Map<number, Fate>()
  const app = race(k, n, async (replica, signal) => {
    const delay = delays[replica - 1] ?? 0
    const ended = (outcome: Fate['outcome']) =>
      fates.set(replica, { delay, outcome, ms: performance.now() - begun })
    signal.addEventListener('abort', () => ended('cancelled'))
    await setTimeout(delay, undefined, { signal })
    ended('answered')
  })
  await using runtime = await start(defineRuntime(), app)
  const session = runtime.invoke(app.handles.ask, undefined)
  console.log(`The first ${k} of ${n} to answer: ${(await session.result).join(', ')}`)
  await session.ended
  console.log(tableOf(fates))
}

function tableOf(fates: ReadonlyMap<number, Fate>): string {
  const table = new Table({
    head: ['replica', 'takes', '', 'after'],
    colAligns: ['right', 'right', 'left', 'right'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  const rows = [...fates].sort(([a], [b]) => a - b)
  table.push(
    ...rows.map(([replica, { delay, outcome, ms }]) => [
      replica,
      `${delay} ms`,
      outcome,
      `${ms.toFixed()} ms`,
    ]),
  )
  return table.toString()
}

function delays(text: string): readonly number[] {
  return text.split(',').map(wholeNumber)
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`${JSON.stringify(text)} is no whole number.`)
}
