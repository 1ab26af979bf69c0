import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiReports } from './api.mjs'
import { checkAuthorsKit } from './authors-kit.mjs'
import { run, runTool } from './command.mjs'
import { checkDocs } from './docs.mjs'
import { natsServer } from './nats-server.mjs'
import { inTemporaryFolder, packAll } from './pack.mjs'
import { checkCustomPrimitive, checkPacked, hasCustomPrimitive } from './packed.mjs'
import { checkReadme } from './readme.mjs'
import { checkSeams } from './seams.mjs'
import { runSuite } from './suite.mjs'
import { programWorkspaces, root } from './workspaces.mjs'

/**
 * A step counts as one test, unless it returns counts of its own; it fails by throwing.
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<void | string | import('./suite.mjs').TestCounts>} run may return a remark
 */

/** Checks that run nothing of ours; two of them can run at a time. @type {Step[]} */
export const staticSteps = [
  { name: 'packages', run: checkPackages },
  { name: 'lockfile', run: checkLockFile },
  { name: 'lint', run: async () => void (await runTool('eslint', ['.', '--max-warnings', '0'])) },
  { name: 'types', run: async () => void (await runTool('tsc', ['-p', '.'], { package: 'typescript' })) },
  { name: 'format', run: async () => void (await runTool('prettier', ['--check', '.'])) },
  { name: 'unused', run: async () => void (await runTool('knip', [])) },
  { name: 'cycles', run: checkCycles },
  { name: 'docs', run: checkDocs },
  { name: 'seams', run: checkSeams },
  { name: 'api', run: checkApi },
]

/** Steps that run our code, one after the other. @returns {Step[]} */
export function dynamicSteps() {
  const env = { ...process.env }
  const examples = programWorkspaces().filter(({ path }) => path.startsWith('examples/'))
  return [
    {
      name: 'nats-server',
      run: async () => {
        const { path, version } = await natsServer()
        env['STIGMERGY_NATS_SERVER'] = path
        return `${version} at ${path}`
      },
    },
    { name: 'tests', run: () => runSuite(env) },
    { name: 'readme', run: checkReadme },
    { name: 'packed', run: checkPacked },
    ...(hasCustomPrimitive() ? [{ name: 'examples/custom-primitive', run: checkCustomPrimitive }] : []),
    { name: 'authors-kit', run: checkAuthorsKit },
    ...examples.map(({ path, folder }) => ({ name: path, run: () => runExample(folder) })),
  ]
}

/** Downloads come from whatever registry npm is set to, so the lock file names none. */
async function checkLockFile() {
  const hosts = readFileSync(join(root, 'package-lock.json'), 'utf8').match(/"resolved": "\w+:.*/g)
  if (hosts) throw new Error(`package-lock.json names download addresses:\n${hosts.join('\n')}`)
}

async function checkCycles() {
  const folders = ['core', 'primitives', 'plugins', 'transports', 'stigmergy', 'test', 'examples']
  const present = folders.filter((folder) => existsSync(join(root, folder)))
  await runTool('madge', ['--circular', '--no-spinner', ...present])
}

async function checkPackages() {
  await inTemporaryFolder(async (folder) => {
    for (const tarball of (await packAll(folder)).values()) {
      await runTool('publint', ['run', tarball, '--strict'])
      await runTool('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color'], {
        package: '@arethetypeswrong/cli',
      })
    }
  })
}

async function checkApi() {
  const problems = apiReports({ update: false })
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/** @param {string} folder */
async function runExample(folder) {
  await run(process.execPath, [join(folder, 'dist/main.js')], { timeoutMs: 120_000 })
}
