import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNpm } from './command.mjs'
import { publishedWorkspaces } from './workspaces.mjs'

/**
 * Packs every published package as npm would publish it. They must be built.
 * @param {string} destination a folder; made if there is none
 * @returns {Promise<Map<string, string>>} the tarball of each package, by name
 */
export async function packAll(destination) {
  const folder = resolve(destination)
  mkdirSync(folder, { recursive: true })
  const packages = publishedWorkspaces().map(({ manifest }) => manifest)
  const chosen = packages.flatMap(({ name }) => ['--workspace', name])
  await runNpm(['pack', ...chosen, '--pack-destination', folder, '--silent'])
  return new Map(packages.map(({ name, version }) => [name, join(folder, tarballName(name, version))]))
}

/** Gives work a folder that is gone afterwards. @param {(folder: string) => Promise<void>} work */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'stigmergy-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} name @param {string} version */
function tarballName(name, version) {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tarballs = await packAll(process.argv[2] ?? 'node_modules/.cache/stigmergy/packed')
  for (const [name, tarball] of tarballs) console.log(`${name} ${tarball}`)
}
