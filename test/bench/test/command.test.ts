import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function bench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--import=tsx', main, ...args])
}

test('--json prints one line for each subject, and progress goes to stderr', async (t) => {
  const { stdout, stderr } = await bench('--quick', '--json', '--case', 'request')
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.is(rows.length, 5)
  for (const row of rows) {
    t.deepEqual(Object.keys(row).sort(), ['case', 'max', 'median', 'min', 'p99', 'subject', 'unit'])
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

test('the tiers to come are named as not built yet', async (t) => {
  for (const tier of ['2', '3']) await t.throwsAsync(bench('--tier', tier), { message: /not built yet/ })
})

test('an unknown tier is an error that names the known one', async (t) => {
  await t.throwsAsync(bench('--tier', '4'), { message: /There is tier 1/ })
})

test('an unknown case is an error that names the known ones', async (t) => {
  await t.throwsAsync(bench('--case', 'hops'), { message: /There are: hop, chain-1000/ })
})
