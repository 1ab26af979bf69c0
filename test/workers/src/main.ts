import { Presets, SingleBar } from 'cli-progress'
import { Command, InvalidArgumentError } from 'commander'
import { killWorkers } from './kills.js'

await new Command('kills')
  .description(
    'Kills the workers of a runtime at random moments while sessions run. Fails when anybody notices.',
  )
  .option('--kills <n>', 'how many workers to kill', wholeNumber, 5_000)
  .option('--seed <n>', 'where the random moments begin', wholeNumber, Date.now() % 1_000_000)
  .action(run)
  .parseAsync()

async function run({
  kills: wanted,
  seed,
}: {
  readonly kills: number
  readonly seed: number
}): Promise<void> {
  const bar = new SingleBar(
    { stream: process.stderr, format: '{bar} {value} of {total} kills, {eta_formatted} left' },
    Presets.shades_classic,
  )
  console.error(`Killing ${wanted} workers, --seed ${seed}`)
  bar.start(wanted, 0)
  const { kills, sessions, problems } = await killWorkers({
    kills: wanted,
    seed,
    onKill: (done) => bar.update(done),
  })
  bar.stop()
  for (const problem of problems) console.log(problem)
  console.log(`${kills} kills, ${sessions} sessions, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
