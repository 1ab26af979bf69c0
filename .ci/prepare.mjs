import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from './command.mjs'
import { readJson, root } from './workspaces.mjs'

/**
 * @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }>} Locked
 */

/** Installs if what is installed differs from the lock file. Prints to stderr only. */
export async function ensureInstalled() {
  if (isInstalled()) return
  console.error('Installing packages (npm ci) ...')
  await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** Builds if the sources have changed since the last build. Prints to stderr only. */
export async function ensureBuilt() {
  const { build, isBuilt } = await import('./build.mjs')
  if (isBuilt()) return
  console.error('Building ...')
  await build()
}

function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  const actual = lockedIn(installed)
  return Object.entries(lockedIn(join(root, 'package-lock.json')))
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, { version, optional, devOptional, peer }]) => {
      const found = actual[path]
      return found ? found.version === version : (optional ?? devOptional ?? peer ?? false)
    })
}

/** @param {string} file @returns {Locked} */
function lockedIn(file) {
  return /** @type {{ packages: Locked }} */ (readJson(file)).packages
}
