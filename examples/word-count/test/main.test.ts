import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { Ranking } from '../src/ranking.js'
import { referenceWords } from './reference.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'word-count-main-'))
test.after.always(() => rm(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end with `input` as its standard input. */
async function run(
  command: string,
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<Ended> {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, LC_ALL: 'C' } })
  child.stdin.end(input)
  return ended(child)
}

async function ended(child: ChildProcess): Promise<Ended> {
  const streams = [child.stdout, child.stderr].map(async (stream) => (stream ? text(stream) : ''))
  const [code] = (await once(child, 'close')) as [number | null]
  const [stdout = '', stderr = ''] = await Promise.all(streams)
  return { code, stdout, stderr }
}

const program = ['--import', 'tsx', 'examples/word-count/src/main.ts']

function wordCount(args: readonly string[], input?: string | Uint8Array): Promise<Ended> {
  return run(process.execPath, [...program, ...args], input)
}

async function ranking(args: readonly string[], input?: string | Uint8Array): Promise<Ranking> {
  const { stdout } = await wordCount(['--json', '--top', '999999999', ...args], input)
  return JSON.parse(stdout) as Ranking
}

/** What `sort | uniq -c` makes of the words of a text: the lines, sorted as bytes. */
async function uniqueLines(bytes: Uint8Array): Promise<readonly string[]> {
  const words = referenceWords(bytes).map((word) => `${word}\n`)
  const { stdout } = await run('sh', ['-c', 'sort | uniq -c | sed "s/^ *//" | sort'], words.join(''))
  return stdout.split('\n').slice(0, -1)
}

async function sortedLines(lines: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run('sort', [], lines.map((line) => `${line}\n`).join(''))
  return stdout.split('\n').slice(0, -1)
}

/** Texts with what is easily counted wrongly. */
const tricky: Readonly<Record<string, Uint8Array>> = {
  'empty.txt': Buffer.from(''),
  'lines.md': Buffer.from('one\r\ntwo\r\n\r\nOne-two, 3rd 3RD\t4\n'),
  'marks.markdown': Buffer.from('café cafe\u0301 CAFÉ n\u0303o ñO ạ\u0300'),
  'cases.TXT': Buffer.from('İstanbul istanbul ΟΔΟΣ οδος ΟΔΟΣ, straße STRASSE \u212Aelvin KELVIN'),
  'planes.txt': Buffer.from('𐐀𐐨𐐀𐐨 😀𝒳😀 漢字仮名 漢字仮名 ١٢٣ Ⅻ ⅻ ½'),
  'broken.txt': Buffer.from([
    ...Buffer.from('a'),
    0xff,
    ...Buffer.from('b é'),
    0xc3,
    ...Buffer.from('A '),
    0xf0,
    0x9f,
    0x98,
  ]),
  'bom.txt': Buffer.from('\uFEFFbom bom'),
  'deep/er/huge.txt': Buffer.from(`x ${'wördΣ'.repeat(300_000)} y`),
  'many.txt': Buffer.from(
    Array.from({ length: 60_000 }, (_, index) => `w${index % 7_001} Größe${index % 13}`).join('\n'),
  ),
}

async function writeTricky(): Promise<string> {
  const tree = join(folder, 'tricky')
  await mkdir(join(tree, 'deep/er'), { recursive: true })
  await mkdir(join(tree, '.git'), { recursive: true })
  for (const [name, bytes] of Object.entries(tricky)) await writeFile(join(tree, name), bytes)
  await writeFile(join(tree, '.git/ignored.txt'), 'ignored')
  await writeFile(join(tree, 'program.js'), 'ignored')
  return tree
}

test.serial('the words of a folder are those that sort and uniq count', async (t) => {
  const everything = Object.values(tricky).flatMap((bytes) => [bytes, Buffer.from('\n')])
  const { total, distinct, top } = await ranking([await writeTricky()])
  t.is(total, referenceWords(Buffer.concat(everything)).length)
  t.is(distinct, top.length)
  t.deepEqual(
    await sortedLines(top.map(([word, count]) => `${count} ${word}`)),
    await uniqueLines(Buffer.concat(everything)),
  )
})

test.serial('workers count what one event loop counts', async (t) => {
  const tree = await writeTricky()
  const { stats: _alone, ...alone } = (await ranking([tree])) as Ranking & { readonly stats: unknown }
  const { stats: _shared, ...shared } = (await ranking(['--workers', '2', tree])) as typeof alone & {
    readonly stats: unknown
  }
  t.deepEqual(shared, alone)
})

test.serial('equally frequent words stand in the order of their bytes', async (t) => {
  const { top } = await ranking(['-'], 'b a 𐐨 ｚ é b')
  t.deepEqual(top, [
    ['b', 2],
    ['a', 1],
    ['é', 1],
    ['ｚ', 1],
    ['𐐨', 1],
  ])
})

test.serial(
  'the standard input is read when a hyphen asks for it, and files whatever their name',
  async (t) => {
    const file = join(folder, 'words.log')
    await writeFile(file, 'file')
    t.deepEqual((await ranking([file, '-', '/dev/null'], 'Input')).top, [
      ['file', 1],
      ['input', 1],
    ])
  },
)

test.serial('--json prints one object and nothing else', async (t) => {
  const { code, stdout } = await wordCount(['--json', '--top', '1', '-'], 'b a b')
  const { stats, ...counted } = JSON.parse(stdout) as Ranking & { stats: Record<string, number> }
  t.is(code, 0)
  t.deepEqual(counted, { total: 3, distinct: 2, top: [['b', 2]] })
  t.like(stats, { files: 1, bytes: 5, unreadable: 0 })
  t.true(Object.values(stats).every(Number.isFinite))
})

test.serial(
  'without paths it counts the texts of this repository, and leaves the standard input alone',
  async (t) => {
    const { code, stdout, stderr } = await wordCount([], 'not read')
    t.is(code, 0, stderr)
    t.regex(stdout, /│ +1 │ \w+ +│ +[\d,]+ │/)
    t.regex(stdout, /[\d,]+ words, [\d,]+ of them distinct, in [\d,]+ files/)
  },
)

test.serial('a path that does not exist is an error that names it', async (t) => {
  const { code, stdout, stderr } = await wordCount(['package.json', 'no/such/path'])
  t.deepEqual([code, stdout, stderr], [1, '', 'no/such/path: no such file or folder\n'])
})

test.serial('what cannot be read is reported, and the rest is counted', async (t) => {
  const socket = join(folder, 'socket')
  await using server = createServer().listen(socket)
  await once(server, 'listening')
  const { code, stdout, stderr } = await wordCount(['--json', socket, '-'], 'rest')
  t.is(code, 1)
  t.like(JSON.parse(stdout), { total: 1, stats: { files: 1, unreadable: 1 } })
  t.regex(stderr, /socket: ENXIO/)
})

test.serial('options that make no sense are refused', async (t) => {
  const { code, stderr } = await wordCount(['--top', 'many'])
  t.is(code, 1)
  t.regex(stderr, /--top <n>.*whole number/)
})

test.serial('--help says what is counted', async (t) => {
  const { code, stdout } = await wordCount(['--help'])
  t.is(code, 0)
  t.regex(stdout, /Usage: word-count \[options\] \[path\.\.\.\]/)
})

test.serial('an interrupt ends it with 130', async (t) => {
  const endless = join(folder, 'endless')
  await writeFile(endless, '')
  await truncate(endless, 2 ** 36)
  const child = spawn(process.execPath, [...program, endless], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.once('data', () => child.kill('SIGINT'))
  const { code, stdout, stderr } = await ended(child)
  t.deepEqual([code, stdout], [130, ''])
  t.regex(stderr, /Interrupted\n$/)
})
