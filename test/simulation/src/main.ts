import { rewriteDocument } from '@stigmergy-test/bench/document'
import { Command, InvalidArgumentError } from 'commander'
import { growthOf } from './growth.js'
import { planOf } from './plans.js'
import { problemsOf, shrink } from './shrink.js'

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

program
  .command('growth')
  .description('what a firing costs in clusters of 3, 51 and 1,000 nodes')
  .option('--sessions <n>', 'sessions per cluster; one has four times as many', count, 500)
  .option('--markdown <file>', 'also write the table into this Markdown file, between its two marks')
  .action(async ({ sessions, markdown }: { readonly sessions: number; readonly markdown?: string }) => {
    const table = await growthOf(sessions)
    console.log(table)
    if (markdown !== undefined) rewriteDocument(markdown, 'npm run simulation -- growth', table)
    process.exit(0)
  })

await program.parseAsync()
