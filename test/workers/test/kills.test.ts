import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

/** The built program: its workers start several times as fast as from the sources. */
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

test('workers that are killed at random moments lose nothing, and leave nothing', async (t) => {
  t.timeout(300_000)
  const seed = String(Date.now() % 1_000_000)
  t.log(`--seed ${seed}`)
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--kills', '200', '--seed', seed])
  t.regex(stdout, /^200 kills, \d+ sessions, 0 problems$/m)
})
