import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort, natsServerPath } from '@stigmergy-test/nats-server'
import test from 'ava'
import { defaultLimits, errorCodes, Tokens } from 'stigmergy'
import {
  blocksOf,
  commandsOf,
  type DocumentCommand,
  type DocumentFile,
  documents,
  filesOf,
  linksOf,
  matches,
  read,
  root,
  rowsOf,
  shownCommandsOf,
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
      const port = String(await freePort())
      const here = (text: string): string => text.replaceAll(usualPort, port)
      await unpack(
        files.map((file) => ({ ...file, text: here(file.text) })),
        folder,
      )
      const outputs = await printedBy(files, commands, folder, here)
      for (const [at, { line, command, prints }] of commands.entries()) {
        const output = outputs[at] ?? 'nothing: it was not reached'
        t.true(matches(output, here(prints)), `${document}:${line} $ ${command} printed:\n${output}`)
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
  for (const name of ['src/index.ts', 'test/conformance.test.ts'])
    t.true(blocks.includes(read(join('examples/custom-primitive', name))), name)
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

/** Who runs the commands that documents show without running them here, by how they begin, and how one sees that. */
const runBy: Readonly<Record<string, readonly [file: string, how: string]>> = {
  'npm start': ['.ci/readme.mjs', 'README.md'],
  'npm test': ['.ci/run', 'exec npm test'],
  'npm install': ['.ci/packed.mjs', "const install = ['install'"],
  'npm start -w examples/patterns': ['examples/patterns/test/patterns.test.ts', 'examples/patterns/src/'],
  'npm run bench': ['test/bench/test/command.test.ts', 'builtBench('],
  'npm run bench:sort': ['test/bench/test/command.test.ts', "builtBench('sort'"],
  'npm run simulation': ['test/simulation/test/simulation.test.ts', 'problemsOf('],
  'npx stigmergy --help': ['stigmergy/test/command/frame.test.ts', "performed('--help')"],
  'npx stigmergy node': ['test/cluster/test/command.test.ts', "['node', "],
  'npx stigmergy coordinator': ['test/cluster/test/command.test.ts', "['coordinator', "],
  'npx stigmergy status': ['test/cluster/test/command.test.ts', "['status', "],
}

/** Documents that are followed from their first to their last command. */
const followed: Readonly<Record<string, string>> = { 'docs/write-a-primitive.md': '.ci/authors-kit.mjs' }

test('every command that a document shows is run by some check', (t) => {
  for (const document of documents().filter((name) => followed[name] === undefined))
    for (const command of shownCommandsOf(read(document))) {
      const words = (length: number): string => command.split(' ').slice(0, length).join(' ')
      const known = [4, 3, 2].map((length) => runBy[words(length)]).find((entry) => entry !== undefined)
      t.truthy(known, `${document} shows ${command}, which nobody runs`)
    }
  for (const [file, how] of Object.values(runBy)) t.true(read(file).includes(how), `${file} lacks ${how}`)
  for (const [document, file] of Object.entries(followed)) t.true(read(file).includes(document), file)
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

/** Where a server of NATS listens that nobody has told anything else. In tests it is another port, so that they can run side by side. */
const usualPort = '4222'

/** Stands for `npx`, with the sources of this repository for the command. */
const npx = `#!/bin/sh
program=$1
shift
if [ "$program" != stigmergy ]; then exec '${root}/node_modules/.bin/'"$program" "$@"; fi
exec '${process.execPath}' --import=tsx '${join(root, 'stigmergy/src/command/main.ts')}' "$@"
`

/** Runs the commands of a document in one shell, as its reader does, and gives what each prints on both of its streams. */
async function printedBy(
  files: readonly DocumentFile[],
  commands: readonly DocumentCommand[],
  folder: string,
  here: (text: string) => string,
): Promise<readonly string[]> {
  await writeFile(join(folder, 'npx'), npx, { mode: 0o755 })
  await writeFile(join(folder, 'nats-server'), natsServer(here), { mode: 0o755 })
  const script = ['exec 2>&1', ...(await inOrder(files, commands, folder, here))].join('\n')
  const PATH = [folder, process.env['PATH']].join(delimiter)
  const own = { NODE_OPTIONS: '', STIGMERGY_RUNS: '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), PATH }
  const shell = spawn('/bin/sh', ['-c', script], {
    detached: true,
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // What a document starts and does not end does not outlive this process, however that ends.
  const guard = spawn('/bin/sh', ['-c', `cat > /dev/null; kill -s KILL -- -${shell.pid}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const printed = text(shell.stdout)
  await once(shell, 'exit')
  guard.stdin.end()
  return (await printed).split(separator).slice(0, -1)
}

/** Lines of a script that runs the commands, each when the files that stand before it are there, and tells where the next one begins. */
async function inOrder(
  files: readonly DocumentFile[],
  commands: readonly DocumentCommand[],
  folder: string,
  here: (text: string) => string,
): Promise<readonly string[]> {
  const coming = files.map(({ set, path, line }) => {
    const file = join(folder, String(set), path)
    return { line, file, text: `mv '${file}.later' '${file}'` }
  })
  for (const { file } of coming) await rename(file, `${file}.later`)
  const run = commands.map(({ line, set, command }) => ({
    line,
    text: `cd '${join(folder, String(set))}'\n${here(command)}\nprintf '${separator}'`,
  }))
  const steps = [...coming, ...run].sort((a, b) => a.line - b.line)
  return steps.map((step) => step.text)
}

/** What stands between the outputs of two commands. */
const separator = '\u001E'

/** Stands for `nats-server` on the usual port. */
function natsServer(here: (text: string) => string): string {
  return `#!/bin/sh\nexec '${natsServerPath()}' --port ${here(usualPort)} "$@"\n`
}
