import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Conformance from '@stigmergy/conformance'
import { unusable } from '../import-file.js'

/** The library with the laws. */
export type Suite = typeof Conformance

const name = '@stigmergy/conformance'

/** The suite that the package under test has chosen, or the one that is installed beside the command. */
export async function suiteFor(folder: string): Promise<Suite> {
  const theirs = installedFor(join(folder, 'package.json'))
  const ours = installedFor(fileURLToPath(import.meta.url))
  if (theirs === undefined && ours === undefined)
    throw unusable(`${name} is not installed: npm install --save-dev ${name}`, folder)
  if (theirs === undefined || theirs === ours) return import('@stigmergy/conformance')
  const module = createRequire(join(folder, 'package.json')).resolve(name)
  return (await import(pathToFileURL(module).href)) as Suite
}

function installedFor(module: string): string | undefined {
  try {
    return dirname(realpathSync(createRequire(module).resolve(`${name}/package.json`)))
  } catch {
    return undefined
  }
}
