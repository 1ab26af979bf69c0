import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import test from 'ava'
import { defaultLimits, errorCodes, Tokens } from 'stigmergy'
import {
  blocksOf,
  commandsOf,
  documents,
  filesOf,
  linksOf,
  matches,
  read,
  root,
  rowsOf,
  sourcesOf,
  unpack,
} from './documents.js'

for (const document of documents()) {
  const files = filesOf(read(document))
  for (const { line, set, path, prints } of files)
    if (prints !== undefined)
      test.serial(`${document}:${line} prints what is shown below it`, async (t) => {
        const folder = await mkdtemp(join(tmpdir(), 'stigmergy-docs-'))
        t.teardown(() => rm(folder, { recursive: true }))
        await unpack(files, folder)
        const output = await outputOf(join(folder, String(set)), path)
        t.true(matches(output, prints), `It printed:\n${output}`)
      })

  const commands = commandsOf(read(document))
  if (commands.length > 0)
    test.serial(`${document} shows commands that print what is shown below them`, async (t) => {
      t.timeout(120_000)
      const folder = await mkdtemp(join(tmpdir(), 'stigmergy-docs-'))
      t.teardown(() => rm(folder, { recursive: true }))
      await unpack(files, folder)
      await writeFile(join(folder, 'npx'), npx, { mode: 0o755 })
      for (const { line, set, command, prints } of commands) {
        const output = await printedBy(join(folder, String(set)), command, folder)
        t.true(matches(output, prints), `${document}:${line} $ ${command} printed:\n${output}`)
      }
    })

  test(`${document} links to what exists`, (t) => {
    const missing = linksOf(read(document)).filter((link) => !existsSync(join(root, dirname(document), link)))
    t.deepEqual(missing, [])
  })
}

test('docs/architecture.md names source files that exist', (t) => {
  const missing = sourcesOf(read('docs/architecture.md')).filter(
    (path) => !existsSync(join(root, 'core/src', path)),
  )
  t.deepEqual(missing, [])
})

test('docs/errors.md has exactly the codes of errors.ts, with their meanings', (t) => {
  const rows = rowsOf(read('docs/errors.md'))
  t.deepEqual(Object.fromEntries(rows), errorCodes)
  t.is(rows.length, Object.keys(errorCodes).length, 'a code stands twice')
})

test('docs/compose-a-runtime.md has exactly the limits of a worker, with their defaults', (t) => {
  const rows = rowsOf(read('docs/compose-a-runtime.md'))
  const numbers = rows.filter(([, text]) => /^[\d,]+$/.test(text))
  t.deepEqual(
    Object.fromEntries(numbers.map(([name, text]) => [name, Number(text.replaceAll(',', ''))])),
    defaultLimits,
  )
})

test('docs/compose-a-runtime.md has exactly the seams of a runtime', (t) => {
  const names = rowsOf(read('docs/compose-a-runtime.md')).map(([name]) => name)
  const seams = names.filter((name) => name.startsWith('Tokens.'))
  t.deepEqual(
    seams.sort(),
    Object.keys(Tokens)
      .map((name) => `Tokens.${name}`)
      .sort(),
  )
})

test('docs/write-a-primitive.md has the files of examples/custom-primitive', (t) => {
  const blocks = blocksOf(read('docs/write-a-primitive.md')).map(({ text }) => text)
  for (const name of ['src/index.ts', 'test/conformance.test.ts', 'tsconfig.json'])
    t.true(blocks.includes(read(join('examples/custom-primitive', name))), name)
})

test('docs/write-a-primitive.md has the manifest of examples/custom-primitive, but for what tells packages apart', (t) => {
  const block = blocksOf(read('docs/write-a-primitive.md')).find(({ name }) => name === 'package.json')
  const shown = parsed(block?.text ?? '')
  const example = parsed(read('examples/custom-primitive/package.json'))
  const { name, description, scripts } = shown
  t.deepEqual({ ...shown, private: true }, { ...example, name, description, scripts })
})

test('docs/guarantees.md names tests that exist', (t) => {
  const links = [...read('docs/guarantees.md').matchAll(/\| \[([^\]]+)\]\(\.\.\/([^)]+\.test\.ts)\) +\|$/gm)]
  const rows = [...read('docs/guarantees.md').matchAll(/^\| (?!fault|---).*\|$/gm)]
  t.is(links.length, rows.length)
  const missing = links.filter(([, title, file]) => !read(file!).includes(title!))
  t.deepEqual(missing, [])
})

test('docs/patterns.md has exactly the programs of examples/patterns', (t) => {
  const folder = 'examples/patterns/src'
  const programs = readdirSync(join(root, folder)).filter((name) => name !== 'main.ts')
  const blocks = blocksOf(read('docs/patterns.md')).filter(({ language }) => language === 'ts')
  t.deepEqual(blocks.map(({ text }) => text).sort(), programs.map((name) => read(join(folder, name))).sort())
})

/** Runs a program of a document as its reader does, with the sources of this repository for its packages. Laws are tried less often. */
function outputOf(folder: string, file: string): Promise<string> {
  const ava = join(root, 'node_modules/ava/entrypoints/cli.mjs')
  const args = file.endsWith('.test.ts') ? [ava, file] : ['--import=tsx', file]
  const own = { NODE_OPTIONS: '', STIGMERGY_RUNS: '30', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') }
  const env = { ...process.env, ...own }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

/** Stands for `npx stigmergy`, with the sources of this repository. */
const npx = `#!/bin/sh
shift
exec '${process.execPath}' --import=tsx '${join(root, 'stigmergy/src/command/main.ts')}' "$@"
`

/** Runs a command of a document as a shell does, with both of its streams as one. */
function printedBy(folder: string, command: string, programs: string): Promise<string> {
  const PATH = [programs, process.env['PATH']].join(delimiter)
  const own = { NODE_OPTIONS: '', STIGMERGY_RUNS: '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), PATH }
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', `${command} 2>&1`],
      { cwd: folder, env: { ...process.env, ...own } },
      (_error, stdout) => resolve(stdout),
    )
  })
}

function parsed(json: string): Readonly<Record<string, unknown>> {
  return JSON.parse(json) as Readonly<Record<string, unknown>>
}
