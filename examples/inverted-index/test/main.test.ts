import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'inverted-index-'))
test.after.always(() => rmSync(folder, { recursive: true }))

const texts = {
  'a.txt': 'The river.\nThe RIVER again,\r\nand a bridge\n',
  'b.txt': 'Über die Brücke, über den Fluss',
  'c.txt': 'again the bridge\n',
}
const input = Object.entries(texts).map(([name, text]) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
})
const [a, b, c] = input

const expected = [
  `a\t${a}:1`,
  `again\t${a}:1\t${c}:1`,
  `and\t${a}:1`,
  `bridge\t${a}:1\t${c}:1`,
  `brücke\t${b}:1`,
  `den\t${b}:1`,
  `die\t${b}:1`,
  `fluss\t${b}:1`,
  `river\t${a}:2`,
  `the\t${a}:2\t${c}:1`,
  `über\t${b}:1`,
]

function index(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--import=tsx', main, ...args])
}

function linesIn(into: string): readonly string[] {
  const parts = readdirSync(into)
    .sort()
    .map((part) => readFileSync(join(into, part), 'utf8'))
  return parts.join('').split('\n').slice(0, -1)
}

for (const workers of ['1', '2'])
  test(`words are listed in order, with their files and lines, by ${workers} of the workers`, async (t) => {
    const into = join(folder, `index-${workers}`)
    const { stdout } = await index(...input, '--into', into, '--workers', workers)
    t.deepEqual(linesIn(into), expected)
    t.regex(stdout, /^5 lines indexed/)
  })

test('without a folder to write to, the words of most files are shown', async (t) => {
  const { stdout } = await index(...input)
  const [first, second, third] = stdout.split('\n')
  t.deepEqual([first, second, third], ['again: 2 files', 'bridge: 2 files', 'the: 2 files'])
  t.regex(stdout, /\n5 lines indexed\n$/)
})

test('a path that does not exist, and a folder that is in use, are told in a line', async (t) => {
  const missing = join(folder, 'missing.txt')
  const nowhere: unknown = await t.throwsAsync(() => index(missing, '--into', join(folder, 'none')))
  t.like(nowhere, {
    code: 1,
    stderr: `STG_MAPREDUCE_INPUT: ${missing}: there is no such file, and none that matches\n`,
  })
  const inUse: unknown = await t.throwsAsync(() => index(...input, '--into', folder))
  t.regex((inUse as { stderr: string }).stderr, /^STG_CONFIG_INVALID: .*empty or new.*\n$/)
})
