import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { readJson, root } from './workspaces.mjs'

/** A command that did not end with 0; `output` is all it printed. */
export class CommandFailed extends Error {
  /** @param {string} command @param {number | string} status @param {string} output */
  constructor(command, status, output) {
    super(`${command} ended with ${status}\n${output}`)
    this.output = output
  }
}

/**
 * Runs a command to its end and returns what it printed.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onText?: (text: string) => void, timeoutMs?: number }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd = root, env = process.env, onText = () => {}, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (/** @type {string} */ text) => {
        output += text
        onText(text)
      })
    }
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new CommandFailed([command, ...args].join(' '), code ?? signal ?? 'no status', output))
    })
  })
}

/**
 * Runs a command of an installed package.
 * @param {string} name the command, as in `node_modules/.bin`
 * @param {string[]} args
 * @param {Parameters<typeof run>[2] & { package?: string }} [options]
 */
export function runTool(name, args, { package: owner = name, ...options } = {}) {
  const folder = join(root, 'node_modules', owner)
  const { bin } = /** @type {{ bin: string | Record<string, string> }} */ (
    readJson(join(folder, 'package.json'))
  )
  const file = typeof bin === 'string' ? bin : bin[name]
  if (file === undefined) throw new Error(`${owner} has no command ${name}`)
  return run(process.execPath, [join(folder, file), ...args], options)
}

/** Runs npm, the one that runs us if there is one. @param {string[]} args @param {Parameters<typeof run>[2]} [options] */
export function runNpm(args, options) {
  const npm = process.env['npm_execpath']
  return npm ? run(process.execPath, [npm, ...args], options) : run('npm', args, options)
}

/**
 * Runs the body of a script; a failure shows what was printed instead of where in our scripts it was noticed.
 * @param {() => Promise<void>} body
 */
export async function script(body) {
  try {
    await body()
  } catch (error) {
    console.error(error instanceof CommandFailed ? error.message : error)
    process.exitCode = 1
  }
}
