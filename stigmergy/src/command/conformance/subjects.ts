import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { TriggerSubject } from '@stigmergy/conformance'
import { type AnyPrimitive, isPrimitive, primitiveMeta, type PrimitiveClass } from 'stigmergy'
import { type Exported, importFile, unusable } from '../import-file.js'

const endings = ['ts', 'mts', 'js', 'mjs']

/** Where the subjects of a package may stand, besides its `exports['./conformance']`. */
const places = ['conformance', 'test/conformance', 'src/conformance'].flatMap((place) =>
  endings.map((ending) => `${place}.${ending}`),
)

/** What is to be tested. */
export interface Subjects {
  /** Of the package or the module: where its dependencies are found. */
  readonly folder: string
  readonly subjects: readonly TriggerSubject[]
  /** Primitives of the package that nobody says how to test. */
  readonly untested: readonly string[]
}

/** The subjects of a module, of a folder or of an installed package. Rejects with `STG_CONFIG_MODULE`. */
export async function subjectsOf(address: string): Promise<Subjects> {
  if (isFile(address)) return fromModule(address)
  const folder = folderOf(address)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const found = [entryOf(manifest, './conformance'), ...places].find(
    (place) => place !== undefined && isFile(join(folder, place)),
  )
  const primitives = await primitivesOf(folder, manifest)
  if (found === undefined) throw nothingToTest(address, primitives)
  const { subjects } = await fromModule(join(folder, found))
  const tested = new Set<unknown>(subjects.map(({ primitive }) => nameOf(primitive)))
  return { folder, subjects, untested: primitives.map(nameOf).filter((name) => !tested.has(name)) }
}

interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>> | string
  readonly main?: string
}

async function fromModule(path: string): Promise<Subjects> {
  const exported = await importFile(path, 'what a primitive is tested with')
  const subjects = [...new Set(Object.values(exported).flat())].filter(isSubject)
  if (subjects.length === 0) throw nothingToTest(path, primitivesIn(exported))
  return { folder: dirname(resolve(path)), subjects, untested: [] }
}

function isSubject(value: unknown): value is TriggerSubject {
  const { primitive, options, examples } = (value ?? {}) as Partial<TriggerSubject>
  return isPrimitive(primitive) && Array.isArray(options?.valid) && Array.isArray(examples)
}

/** The folder at a path, or of a package as it is found from here. */
function folderOf(address: string): string {
  const path = resolve(address)
  if (existsSync(join(path, 'package.json'))) return path
  for (let from = process.cwd(); ; from = dirname(from)) {
    const folder = join(from, 'node_modules', address)
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(from) === from) break
  }
  throw unusable(`${address} is no module, no folder of a package and no package that is installed.`, address)
}

/** What the package exports, when that is built; its sources say nothing else. */
async function primitivesOf(folder: string, manifest: Manifest): Promise<readonly AnyPrimitive[]> {
  const built = entryOf(manifest, '.') ?? manifest.main
  const candidates = [built, ...endings.map((ending) => `src/index.${ending}`)]
  const entry = candidates.find((path) => path !== undefined && isFile(join(folder, path)))
  return entry === undefined ? [] : primitivesIn(await importFile(join(folder, entry), 'a primitive'))
}

function primitivesIn(exported: Exported): readonly AnyPrimitive[] {
  return [...new Set(Object.values(exported))].filter(isPrimitive)
}

/** The file behind an entry of `exports`. */
function entryOf({ exports }: Manifest, entry: string): string | undefined {
  if (typeof exports === 'string') return entry === '.' ? exports : undefined
  const target: unknown = exports?.[entry]
  if (typeof target === 'string') return target
  const { import: imported, default: otherwise } = (target ?? {}) as Readonly<Record<string, unknown>>
  return [imported, otherwise].find((path) => typeof path === 'string')
}

function nameOf(type: unknown): string {
  return primitiveMeta(type as PrimitiveClass).name
}

function nothingToTest(address: string, primitives: readonly AnyPrimitive[]): Error {
  const has = primitives.length === 0 ? 'no primitive' : `the primitives ${primitives.map(nameOf).join(', ')}`
  return unusable(
    `${address} says nothing about how to test a primitive. It has ${has}. Write test/conformance.ts with an export of ` +
      `{ primitive, options: { valid, invalid }, examples: [{ given, fires }] } for each.`,
    address,
  )
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}
