// What only shows outside the workspace: the packages as a user gets them, installed from tarballs.
import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { inTemporaryFolder, packAll } from './pack.mjs'
import { run, runNpm, runTool } from './command.mjs'
import { filesUnder, publishedWorkspaces, readJson, root } from './workspaces.mjs'

/** @typedef {import('./workspaces.mjs').Manifest} Manifest */

const install = ['install', '--no-audit', '--no-fund', '--prefer-offline']

/** Installs all packages into an empty folder, imports each and compiles a consumer against their types. */
export async function checkPacked() {
  await inTemporaryFolder(async (folder) => {
    const tarballs = await packAll(join(folder, 'tarballs'))
    const { devDependencies = {} } = /** @type {Manifest} */ (readJson(join(root, 'package.json')))
    writeJson(join(folder, 'package.json'), { private: true, type: 'module' })
    const nodeTypes = `@types/node@${devDependencies['@types/node']}`
    await runNpm([...install, ...tarballs.values(), nodeTypes], { cwd: folder })
    await importEach(folder)
    await compileConsumers(folder)
  })
}

/** Runs what `examples/custom-primitive` promises, as its reader would: in a folder of its own. */
export async function checkCustomPrimitive() {
  await inTemporaryFolder(async (folder) => {
    const tarballs = await packAll(join(folder, 'tarballs'))
    const copy = join(folder, 'custom-primitive')
    cpSync(join(root, 'examples/custom-primitive'), copy, {
      recursive: true,
      filter: (path) => !['node_modules', 'dist', 'package-lock.json'].includes(basename(path)),
    })
    const manifest = /** @type {Manifest} */ (readJson(join(copy, 'package.json')))
    writeJson(join(copy, 'package.json'), withTarballs(manifest, tarballs))
    await runNpm(install, { cwd: copy })
    for (const script of ['build', 'check', 'test', 'start']) {
      if (manifest.scripts?.[script]) await runNpm(['run', script], { cwd: copy, timeoutMs: 120_000 })
    }
  })
}

export function hasCustomPrimitive() {
  return existsSync(join(root, 'examples/custom-primitive/package.json'))
}

/**
 * Takes our packages from their tarballs, wherever in the tree they are asked for.
 * @param {Manifest} manifest
 * @param {Map<string, string>} tarballs
 */
function withTarballs(manifest, tarballs) {
  const ours = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]))
  const named = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }
  const others = Object.fromEntries(Object.entries(ours).filter(([name]) => !(name in named)))
  return {
    ...manifest,
    dependencies: replaced(manifest.dependencies, ours),
    devDependencies: replaced(manifest.devDependencies, ours),
    overrides: others,
  }
}

/** @param {Record<string, string> | undefined} wanted @param {Record<string, string>} ours */
function replaced(wanted = {}, ours) {
  return Object.fromEntries(Object.entries(wanted).map(([name, range]) => [name, ours[name] ?? range]))
}

/** @param {string} folder */
async function importEach(folder) {
  const modules = publishedWorkspaces().flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((path) => path !== './package.json')
      .map((path) => manifest.name + path.slice(1)),
  )
  const lines = modules.map((name) => `await import('${name}')`)
  writeFileSync(join(folder, 'imports.mjs'), `${lines.join('\n')}\n`)
  await run(process.execPath, ['imports.mjs'], { cwd: folder, timeoutMs: 30_000 })
}

/** Compiles `.ci/consumer.ts` and the type tests, with the types of all packages checked too. @param {string} folder */
async function compileConsumers(folder) {
  cpSync(join(root, '.ci/consumer.ts'), join(folder, 'consumer.ts'))
  const typeTests = filesUnder(join(root, 'test/types')).filter((file) => file.endsWith('.ts'))
  for (const file of typeTests) cpSync(file, join(folder, 'types', basename(file)))
  writeJson(join(folder, 'tsconfig.json'), {
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023', 'ESNext.Disposable'],
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    },
    include: ['consumer.ts', 'types'],
  })
  await runTool('tsc', ['-p', folder], { package: 'typescript', cwd: folder })
}

/** @param {string} path @param {unknown} value */
function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
