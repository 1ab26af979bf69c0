import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StigmergyError } from 'stigmergy'

/** What a module exports. */
export type Exported = Readonly<Record<string, unknown>>

const typescript = /\.[cm]?tsx?$/

/** URL of a module that makes a worker read TypeScript. Threads do not take that over from whoever starts them. */
export function typescriptLoader(): string {
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  return `data:text/javascript,${encodeURIComponent(`import { register } from ${api}; register()`)}`
}

/** Imports a module of the user, in JavaScript or TypeScript. `what` is what it should be, such as `an app`. */
export async function importFile(path: string, what: string): Promise<Exported> {
  const file = resolve(path)
  if (!existsSync(file) || !statSync(file).isFile()) throw unusable(`There is no file ${path}.`, path)
  if (isTypescript(file)) await readTypescript()
  try {
    return (await import(pathToFileURL(file).href)) as Exported
  } catch (cause) {
    // What the definitions in it say is what the user has to know.
    if (StigmergyError.is(cause)) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw unusable(`Importing ${path}, which should be ${what}, failed: ${why}`, path, cause)
  }
}

function isTypescript(file: string): boolean {
  return typescript.test(file)
}

/** A module that cannot be used, and why. */
export function unusable(message: string, path: string, cause?: unknown): StigmergyError {
  return new StigmergyError('STG_CONFIG_MODULE', message, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Whether this process reads TypeScript, or will have to for this module. */
export function needsTypescript(module: string): boolean {
  return isTypescript(module) || isLoaded()
}

/** Modules keep their identity: the loader changes how files are read, not which they are. */
async function readTypescript(): Promise<void> {
  if (isLoaded()) return
  const { register } = await import('tsx/esm/api')
  register()
}

/** Whether this process was started with the loader. */
function isLoaded(): boolean {
  return [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((flags) => /\btsx\b/.test(flags))
}
