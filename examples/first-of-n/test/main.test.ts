import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const root = fileURLToPath(new URL('../../../', import.meta.url))

function firstOfN(...args: readonly string[]) {
  const program = ['--import', 'tsx', 'examples/first-of-n/src/main.ts', ...args]
  return promisify(execFile)(process.execPath, program, { cwd: root })
}

test('it says who won and who was cancelled', async (t) => {
  const { stdout } = await firstOfN('--delays', '60000,1,50000', '--k', '1')
  t.regex(stdout, /^The first 1 of 3 to answer: 2$/m)
  t.regex(stdout, /│ +1 │ +60000 ms │ cancelled │/)
  t.regex(stdout, /│ +2 │ +1 ms │ answered +│/)
  t.regex(stdout, /│ +3 │ +50000 ms │ cancelled │/)
})

test('more answers than replicas are refused', async (t) => {
  await t.throwsAsync(firstOfN('--delays', '1,2', '--k', '3'), {
    code: 1,
    message: /--k must be from 1 to 2/,
  })
})
