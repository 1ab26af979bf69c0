import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** The built program, whose workers start several times as fast as from the sources. */
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url))

function bench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--import=tsx', main, ...args])
}

/** Runs the built program where there is no Redis, so that its rows do not depend on the machine. */
function builtBench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, STIGMERGY_REDIS_SERVER: '/nowhere/redis-server' }
  return promisify(execFile)(process.execPath, [built, ...args], { env })
}

function rowsOf(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const fields = ['case', 'max', 'median', 'min', 'p99', 'subject', 'unit']

test('--json prints one line for each subject, and progress goes to stderr', async (t) => {
  const { stdout, stderr } = await bench('--quick', '--json', '--case', 'request')
  const rows = rowsOf(stdout)
  t.is(rows.length, 5)
  for (const row of rows) {
    t.deepEqual(Object.keys(row).sort(), fields)
    t.like(row, { case: 'request', unit: 'µs' })
  }
  t.is(stderr, 'request: 3 turns\n')
})

test('without --json there are the machine, the table and the targets of what was run', async (t) => {
  const { stdout } = await bench('--tier', '1', '--quick', '--case', 'put-10')
  t.regex(stdout, /Node 2\d/)
  t.regex(stdout, /^\| put-10 +\| stigmergy/m)
  t.notRegex(stdout, /fan-out/)
})

test('of tier 2, too, --json prints one line for each subject, with figures or with why there are none', async (t) => {
  const cases = ['hop-thread', 'hop-process', 'handover-1kb', 'fan-16-join', 'sort']
  const { stdout } = await builtBench('--tier', '2', '--quick', '--json', '--case', ...cases)
  const rows = rowsOf(stdout)
  t.deepEqual([...new Set(rows.map((row) => String(row['case']).replace(/-rss$/, '')))], cases)
  for (const row of rows)
    if (row['missing'] === undefined) {
      t.deepEqual(Object.keys(row).sort(), fields)
      t.true(Number(row['min']) <= Number(row['median']) && Number(row['median']) <= Number(row['max']))
    } else t.like(row, { subject: 'BullMQ on Redis', median: null, p99: null, min: null, max: null })
  t.like(
    rows.find(({ subject }) => subject === 'BullMQ on Redis'),
    { missing: 'there is no redis-server in PATH' },
  )
})

test('a sort of its own size is measured beside GNU sort', async (t) => {
  const { stdout } = await builtBench('sort', '--size', '1M', '--workers', '1', '--rounds', '1', '--json')
  const figures = rowsOf(stdout).filter((row) => row['case'] === 'sort')
  t.deepEqual(
    figures.map(({ subject }) => subject),
    ['stigmergy', 'GNU sort'],
  )
})

test('an unknown tier is an error that names the known ones', async (t) => {
  await t.throwsAsync(bench('--tier', '4'), { message: /There are tiers 1, 2 and 3/ })
})

test('an unknown case is an error that names the known ones', async (t) => {
  await t.throwsAsync(bench('--case', 'hops'), { message: /There are: hop, chain-1000/ })
})
