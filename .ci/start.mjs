// Runs a program of this repository after installing and building what it needs.
// Only the program writes to stdout: start.mjs [--program <folder>] [arguments of the program]
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { script } from './command.mjs'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'
import { root } from './workspaces.mjs'

const given = process.argv.slice(2)
const named = given[0] === '--program'
const folder = named ? (given[1] ?? '') : 'examples/word-count'
const args = named ? given.slice(2) : given

await script(async () => {
  await ensureInstalled()
  await ensureBuilt()
  const main = join(root, folder, 'dist/main.js')
  if (!existsSync(main)) throw new Error(`${folder} has no src/main.ts`)
  start(main)
})

/** @param {string} main */
function start(main) {
  // npm runs scripts in the package's folder, while paths are meant from where the caller stands.
  const cwd = process.env['INIT_CWD'] ?? process.cwd()
  const program = spawn(process.execPath, [main, ...args], { stdio: 'inherit', cwd })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => program.kill(signal))
  program.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
}
