import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { recordsWith, referenceSorted } from './records.js'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sort-main-'))
test.after.always(() => rmSync(folder, { recursive: true }))

/** Runs the program with a folder of its own for what it leaves between map and reduce. */
async function run(...args: readonly string[]): Promise<{ stdout: string; left: readonly string[] }> {
  const temporary = mkdtempSync(join(folder, 'temporary-'))
  const all = ['--import=tsx', main, '--temporary', temporary, ...args]
  const { stdout } = await promisify(execFile)(process.execPath, all)
  return { stdout, left: readdirSync(temporary) }
}

function generated(name: string, ...args: readonly string[]): Promise<Buffer> {
  const output = join(folder, name)
  return run('--generate', '--output', output, ...args).then(() => readFileSync(output))
}

test('without arguments to say otherwise it sorts what it has generated, and removes it', async (t) => {
  const { stdout, left } = await run('--size', '2M', '--json')
  t.like(JSON.parse(stdout), { records: 20_000, bytes: 2_000_000, checked: true })
  t.deepEqual(left, [])
})

test('a given file is sorted as GNU sort does it, within little memory', async (t) => {
  const [input, output] = [join(folder, 'given'), join(folder, 'given-sorted')]
  const bytes = await generated('given', '--size', '1M')
  const { stdout } = await run('--input', input, '--output', output, '--memory', '100K', '--check', '--json')
  t.like(JSON.parse(stdout), { records: 10_000, checked: true })
  const env = { ...process.env, LC_ALL: 'C' }
  const lines = { env, encoding: 'latin1', maxBuffer: 2 ** 21 } as const
  const gnu = await promisify(execFile)('sort', ['-s', '-k1.1,1.10', input], lines)
  t.is(readFileSync(output, 'latin1'), gnu.stdout)
  t.deepEqual(readFileSync(output), referenceSorted(bytes))
})

test('generated records are lines, the same ones for the same seed', async (t) => {
  const [one, same, other] = await Promise.all([
    generated('one', '--size', '1234', '--seed', '7'),
    generated('same', '--size', '1200', '--seed', '7'),
    generated('other', '--size', '1200', '--seed', '8'),
  ])
  t.deepEqual(one, same)
  t.notDeepEqual(one, other)
  t.regex(one.toString('latin1'), /^([!-~]{10} {2}0{15}[0-9a-f] {2}([A-Z])\2{68}\n){12}$/)
})

test('an empty file gives an empty file', async (t) => {
  const [input, output] = [join(folder, 'empty'), join(folder, 'empty-sorted')]
  writeFileSync(input, '')
  await run('--input', input, '--output', output)
  t.is(readFileSync(output).length, 0)
})

test('a file that is not of whole records is an error', async (t) => {
  const input = join(folder, 'torn')
  writeFileSync(input, recordsWith(['a', 'b']).subarray(1))
  await t.throwsAsync(run('--input', input, '--output', join(folder, 'never')), { message: /199 bytes/ })
})
