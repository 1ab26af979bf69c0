import { Command, InvalidArgumentError } from 'commander'
import { calmPlan, planOf } from './plans.js'
import { problemsOf, shrink } from './shrink.js'
import { Trial } from './trial.js'

function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('must be a whole number above 0')
}

const program = new Command('simulation').description(
  'Clusters on a virtual clock, network and journal. One seed is one run.',
)

program
  .command('seeds', { isDefault: true })
  .description('runs seeds, and shrinks the first that goes wrong')
  .option('--runs <n>', 'how many', count, 10_000)
  .option('--seed <n>', 'the first', count, 1)
  .action(async ({ runs, seed: first }: { readonly runs: number; readonly seed: number }) => {
    for (let seed = first; seed < first + runs; seed += 1) {
      const found = await problemsOf(planOf(seed))
      if (found !== undefined) {
        const { plan, result } = await shrink(found)
        console.log(
          `seed ${seed}\n${JSON.stringify(plan)}\n${[...result.problems, ...result.log].join('\n')}`,
        )
        process.exit(1)
      }
      if ((seed - first + 1) % 500 === 0) console.log(`${seed - first + 1} of ${runs} runs, nothing wrong`)
    }
    process.exit(0)
  })

/** Sizes as pairs of nodes and coordinators. */
const sizes = [
  [3, 1],
  [51, 8],
  [1_000, 8],
] as const

program
  .command('growth')
  .description('what a session costs in clusters of 3, 51 and 1,000 nodes')
  .option('--sessions <n>', 'sessions per cluster', count, 2_000)
  .action(async ({ sessions }: { readonly sessions: number }) => {
    console.log('nodes  coordinators  sessions  frames/session  appends/session  firings  busiest node/mean')
    for (const [nodes, coordinators] of sizes) {
      const { problems, frames, appends, firings, sessionsPerNode } = await new Trial(
        calmPlan(nodes, coordinators, sessions),
      ).run()
      if (problems.length > 0) throw new Error(problems.join('\n'))
      const mean = sessionsPerNode.reduce((sum, each) => sum + each, 0) / sessionsPerNode.length
      const row = [nodes, coordinators, sessions, frames / sessions, appends / sessions, firings]
      const widths = [5, 14, 10, 16, 17, 9]
      const busiest = Math.max(...sessionsPerNode) / mean
      console.log(
        row.map((cell, at) => cell.toFixed(Number.isInteger(cell) ? 0 : 2).padStart(widths[at]!)).join('') +
          busiest.toFixed(2).padStart(19),
      )
    }
    process.exit(0)
  })

await program.parseAsync()
