// Builds the published packages and the programs: everything in the root, one package in its folder.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool, script } from './command.mjs'
import {
  cache,
  entriesOf,
  filesUnder,
  fromRoot,
  programWorkspaces,
  publishedWorkspaces,
  readJson,
  root,
} from './workspaces.mjs'

const stamp = join(cache, 'build.json')
const declarations = join(cache, 'declarations')

/** Whether the last full build was made from exactly these sources. */
export function isBuilt() {
  return (
    existsSync(stamp) &&
    outputs().every((file) => existsSync(file)) &&
    /** @type {{ inputs: string }} */ (readJson(stamp)).inputs === fingerprint()
  )
}

/** Builds what `folder` holds, and takes nothing from earlier builds but unchanged declarations. */
export async function build(folder = root) {
  const inputs = fingerprint()
  rmSync(stamp, { force: true })
  await Promise.all([bundle(folder), declare()])
  publishedWorkspaces().forEach((workspace) => complete(workspace.folder))
  if (folder !== root) return
  mkdirSync(cache, { recursive: true })
  writeFileSync(stamp, JSON.stringify({ inputs }))
}

/** @param {string} folder */
async function bundle(folder) {
  await runTool('tsup', ['--config', join(root, 'tsup.config.ts')], { cwd: folder })
}

/** One pass of the compiler over all packages: the types of one may depend on inferred types of another. */
async function declare() {
  if (!existsSync(declarations)) rmSync(`${declarations}.tsbuildinfo`, { force: true })
  await runTool('tsc', ['-p', join(root, '.ci/tsconfig.declarations.json')], { package: 'typescript' })
}

/** Adds to `dist` what the bundler does not make. @param {string} folder */
function complete(folder) {
  const dist = join(folder, 'dist')
  const sources = join(folder, 'src')
  const made = join(declarations, fromRoot(sources))
  const wanted = filesUnder(made).filter((file) =>
    existsSync(join(sources, relative(made, file).replace(/\.d\.ts$/, '.ts'))),
  )
  for (const stale of filesUnder(dist).filter((file) => file.endsWith('.d.ts'))) rmSync(stale)
  for (const file of wanted) cpSync(file, join(dist, relative(made, file)))
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
}

function outputs() {
  return publishedWorkspaces().flatMap((workspace) =>
    Object.keys(entriesOf(workspace)).flatMap((name) =>
      ['js', 'd.ts'].map((kind) => join(workspace.folder, 'dist', `${name}.${kind}`)),
    ),
  )
}

function fingerprint() {
  const hash = createHash('sha256')
  for (const file of inputs())
    hash
      .update(`${fromRoot(file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

function inputs() {
  const shared = ['package-lock.json', 'tsconfig.json', 'tsup.config.ts', 'LICENSE']
  const tools = ['build.mjs', 'workspaces.mjs', 'tsconfig.declarations.json'].map((name) => `.ci/${name}`)
  const sources = [...publishedWorkspaces(), ...programWorkspaces()].flatMap(({ folder }) => [
    join(folder, 'package.json'),
    ...filesUnder(join(folder, 'src')),
  ])
  return [...[...shared, ...tools].map((path) => join(root, path)), ...sources]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await script(async () => {
    const started = performance.now()
    await build(process.cwd())
    console.error(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  })
}
