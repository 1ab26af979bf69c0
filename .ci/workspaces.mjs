import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where the tools keep what they may forget. */
export const cache = join(root, 'node_modules/.cache/stigmergy')

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, string | Record<string, string>>} [exports]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/**
 * @typedef {object} Workspace
 * @property {string} folder absolute
 * @property {string} path relative to the root, with slashes
 * @property {Manifest} manifest
 */

/** Every workspace, in the order in which the root `package.json` names them. @returns {Workspace[]} */
export function workspaces() {
  const { workspaces: patterns } = /** @type {{ workspaces: string[] }} */ (
    readJson(join(root, 'package.json'))
  )
  return patterns.flatMap(expand).map((path) => {
    const folder = join(root, path)
    return { folder, path, manifest: /** @type {Manifest} */ (readJson(join(folder, 'package.json'))) }
  })
}

/** The workspaces that users can install. */
export function publishedWorkspaces() {
  return workspaces().filter(({ manifest }) => manifest.private !== true)
}

/** The private workspaces with a `src` folder: programs that run against the built packages. */
export function programWorkspaces() {
  return workspaces().filter(({ folder, manifest }) => manifest.private && existsSync(join(folder, 'src')))
}

/**
 * The modules of a package that its manifest promises, as output name and source:
 * `./dist/index.js` is built from `src/index.ts`.
 * @param {Workspace} workspace
 * @returns {Record<string, string>}
 */
export function entriesOf({ folder, path, manifest }) {
  const targets = Object.values(manifest.exports ?? {}).map((target) =>
    typeof target === 'string' ? target : target['default'],
  )
  const built = [...targets, ...Object.values(manifest.bin ?? {})].filter((target) => target?.endsWith('.js'))
  return Object.fromEntries(
    built.map((target = '') => {
      const name = target.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, '')
      const source = join(folder, 'src', `${name}.ts`)
      if (!existsSync(source))
        throw new Error(`${path}/package.json promises ${target}, but there is no ${source}`)
      return [name, source]
    }),
  )
}

/**
 * The files under a folder, sorted, without what is built or installed.
 * @param {string} folder
 * @returns {string[]} absolute paths
 */
export function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isFile()) return [path]
      if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name === 'dist') return []
      return filesUnder(path)
    })
}

/** @param {string} path @returns {unknown} */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** @param {string} path @returns {string} relative to the root */
export function fromRoot(path) {
  return relative(root, path)
}

/** @param {string} pattern `folder` or `folder/*` @returns {string[]} */
function expand(pattern) {
  if (!pattern.endsWith('/*')) return [pattern]
  const parent = pattern.slice(0, -2)
  return readdirSync(join(root, parent))
    .filter((name) => existsSync(join(root, parent, name, 'package.json')))
    .map((name) => `${parent}/${name}`)
}
