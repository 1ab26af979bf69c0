import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { AnyPlugin } from '../contract/plugin.js'
import type { AnyPrimitive } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError, type StigmergyErrorOptions } from '../errors.js'
import { isPrimitive } from '../primitive.js'
import { satisfies } from './version-range.js'

const core = '@stigmergy/core'

/** What is read of a `package.json`. */
interface Manifest {
  readonly version?: string
  readonly main?: string
  readonly exports?: unknown
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The primitives that a package exports. Rejects with `STG_CONFIG_PACKAGE`. */
export async function primitivesOf(name: string, from?: string): Promise<readonly AnyPrimitive[]> {
  const exported = await importPackage(name, from)
  const primitives = [...new Set(Object.values(exported))].filter(isPrimitive)
  if (primitives.length > 0) return primitives
  throw unusable(name, 'it exports no primitive: no class with @primitive({ … })')
}

/** The plugin that a package exports by default. Rejects with `STG_CONFIG_PACKAGE`. */
export async function pluginOf(name: string, from?: string): Promise<AnyPlugin> {
  const { default: exported } = await importPackage(name, from)
  const plugin: unknown = typeof exported === 'function' ? (exported as () => unknown)() : exported
  if (typeof (plugin as AnyPlugin | null | undefined)?.name === 'string') return plugin as AnyPlugin
  throw unusable(name, 'its default export is neither a plugin nor a function that gives one')
}

/** Imports a package as the module `from` would, when its peer range for core fits. */
async function importPackage(name: string, from?: string): Promise<Readonly<Record<string, unknown>>> {
  const start = from === undefined ? process.cwd() : dirname(fileURLToPath(from))
  const folder = folderOf(name, start)
  if (folder === undefined)
    throw unusable(name, `it is not installed where ${start} could find it: npm install ${name}`)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  checkRange(name, manifest)
  try {
    return (await import(entryOf(folder, manifest))) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw unusable(name, `importing it failed: ${asError(cause).message}`, { cause })
  }
}

/** Where `node_modules` has the package, as seen from a folder. */
function folderOf(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return realpathSync(folder)
  const parent = dirname(from)
  return parent === from ? undefined : folderOf(name, parent)
}

function checkRange(name: string, { version = '?', peerDependencies }: Manifest): void {
  const range = peerDependencies?.[core]
  const { version: own } = createRequire(import.meta.url)(`${core}/package.json`) as { version: string }
  if (range === undefined || satisfies(own, range)) return
  throw unusable(
    name,
    `version ${version} needs ${core} ${range}, and this is ${own}. Install a version of ${name} for ${core} ${own}, or ${core} ${range}`,
    { details: { version, range, core: own } },
  )
}

/** URL of the module that an import of the package means. */
function entryOf(folder: string, { exports, main = 'index.js' }: Manifest): string {
  const target = targetOf(exports) ?? main
  return pathToFileURL(join(folder, target)).href
}

const conditions: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default'])

/** What `exports` of a manifest says of the package itself. */
function targetOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return exports.map(targetOf).find((target) => target !== undefined)
  if (typeof exports !== 'object' || exports === null) return undefined
  if ('.' in exports) return targetOf(exports['.'])
  const chosen = Object.entries(exports).filter(([condition]) => conditions.has(condition))
  return chosen.map(([, target]) => targetOf(target)).find((target) => target !== undefined)
}

function unusable(
  name: string,
  why: string,
  { details, ...options }: StigmergyErrorOptions = {},
): StigmergyError {
  return new StigmergyError(
    'STG_CONFIG_PACKAGE',
    `Package ${JSON.stringify(name)} of the runtime config: ${why}.`,
    {
      ...options,
      details: { package: name, ...details },
    },
  )
}
