import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const root = fileURLToPath(new URL('../../../', import.meta.url))

function adEvents(...args: readonly string[]) {
  const program = ['--import', 'tsx', 'examples/ad-events/src/main.ts', ...args]
  return promisify(execFile)(process.execPath, program, { cwd: root })
}

test('every view is counted, whatever window it falls into', async (t) => {
  const { stdout } = await adEvents('--rate', '2000', '--seconds', '1', '--campaigns', '7', '--seed', '42')
  t.regex(stdout, /^2,000 events at [\d,]+ a second, 657 of them views$/m)
  t.regex(stdout, /^The views of all 7 campaigns are those that the generator made\.$/m)
})

test('options that make no sense are refused', async (t) => {
  await t.throwsAsync(adEvents('--rate', '0'), { code: 1, message: /whole number from 1/ })
})
