// Follows docs/write-a-primitive.md to the letter, outside the workspace: its commands run in a shell, and its files are
// written where the reader stands.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, runNpm } from './command.mjs'
import { inTemporaryFolder, packAll } from './pack.mjs'
import { withRegistry } from './registry.mjs'
import { root } from './workspaces.mjs'

/** @typedef {{ language: string, note: string, text: string }} Block */

const mark = '--- block'

export async function checkAuthorsKit() {
  await inTemporaryFolder(async (folder) => {
    const tarballs = await packAll(join(folder, 'tarballs'))
    const cache = await ownCache(folder)
    await withRegistry(tarballs, async (registry) => {
      const home = join(folder, 'reader')
      mkdirSync(home)
      const blocks = blocksOf(readFileSync(join(root, 'docs/write-a-primitive.md'), 'utf8'))
      const env = environment(cache, registry)
      const output = await runScript(scriptOf(blocks), { cwd: home, env })
      checkOutput(blocks, output)
      await checkProcesses(join(home, 'my-app'), env)
    })
  })
}

/** npm keeps what it runs in its cache, where the next run would find it; what it downloads may be shared. @param {string} folder */
async function ownCache(folder) {
  const shared = (await runNpm(['config', 'get', 'cache'])).trim()
  const own = join(folder, 'cache')
  mkdirSync(own)
  mkdirSync(join(shared, '_cacache'), { recursive: true })
  symlinkSync(join(shared, '_cacache'), join(own, '_cacache'))
  return own
}

/** Nothing of what npm has installed or been told here reaches the reader. @param {string} cache @param {string} registry */
function environment(cache, registry) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name),
  )
  return {
    ...Object.fromEntries(inherited),
    PATH: (process.env['PATH'] ?? '')
      .split(delimiter)
      .filter((path) => !path.includes('node_modules'))
      .join(delimiter),
    NO_PROXY: [process.env['NO_PROXY'] ?? '', '127.0.0.1'].filter((host) => host !== '').join(),
    npm_config_registry: registry,
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
    npm_config_yes: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    STIGMERGY_RUNS: '100',
  }
}

/** @param {string} script @param {{ cwd: string, env: NodeJS.ProcessEnv }} options */
async function runScript(script, { cwd, env }) {
  writeFileSync(join(cwd, '../script.sh'), script)
  return run('/bin/sh', ['-e', '../script.sh'], { cwd, env, timeoutMs: 300_000 })
}

/** What a reader does: runs the commands and writes the files, one after the other. @param {Block[]} blocks */
function scriptOf(blocks) {
  return blocks
    .map(({ language, note, text }, at) => {
      const begin = `echo '${mark} ${at}'\n`
      if (language === 'sh') return begin + text
      const [, name] = /^\/\/ (\S+)\n/.exec(text) ?? []
      const isFile = language === 'ts' && note === 'fragment' && name !== undefined
      return isFile ? `cat > ${name} <<'end of file'\n${text}end of file\n` : ''
    })
    .join('')
}

/** A `text` block behind commands shows what they print; `…` stands for any text. @param {Block[]} blocks @param {string} output */
function checkOutput(blocks, output) {
  for (const [at, { language, text }] of blocks.entries()) {
    if (language !== 'text' || blocks[at - 1]?.language !== 'sh') continue
    const printed = output.split(`${mark} ${at - 1}\n`)[1]?.split(mark)[0] ?? ''
    const parts = text
      .trim()
      .split('…')
      .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
    if (!new RegExp(parts.join('[^]*')).test(printed))
      throw new Error(`The document shows\n${text}\nand the commands before it print\n${printed}`)
  }
}

/** Says in which process it ran; the trigger of the package passes on the first reading of a minute, and the last. */
const whereApp = `import { myTrigger } from 'my-trigger'
import { defineApp } from 'stigmergy'

export const where = defineApp('where', (app) => {
  const readings = app.bucket<number>('readings')
  const read = app.fn<number, number>('read', async ({ value }, { put, reply }) => {
    await put(readings, undefined, value)
    await new Promise((resolve) => setTimeout(resolve, 200))
    reply(process.pid)
  })
  const show = app.fn<number>('show', ({ value }) => console.log(\`reading \${value}\`))
  readings.when(myTrigger({ everyMs: 60_000 }), show)
  return { read }
})
`

/** With the config of the document, which names the primitive by its package, apps run on two processes. @param {string} folder @param {NodeJS.ProcessEnv} env */
async function checkProcesses(folder, env) {
  writeFileSync(join(folder, 'where.ts'), whereApp)
  const args = ['stigmergy', 'run', 'where.ts', '1', '2', '3', '4', '5', '6']
  const output = await run('npx', args, { cwd: folder, env, timeoutMs: 60_000 })
  const pids = new Set(output.match(/^\d+$/gm))
  const readings = output.match(/^reading \d+$/gm) ?? []
  if (pids.size !== 2 || readings.length !== 2)
    throw new Error(`Functions should run in two processes, and two readings be shown:\n${output}`)
}

/** @param {string} markdown @returns {Block[]} */
function blocksOf(markdown) {
  const fences = markdown.matchAll(/^(`{3,})(\w*) ?(.*)\n([^]*?)^\1$/gm)
  return Array.from(fences, ([, , language = '', note = '', text = '']) => ({ language, note, text }))
}
