import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * The URL of the command that is installed where the user stands, when it is another one than this: an app and the command
 * that runs it should have the same copy of everything.
 */
export function localCommand(folder: string): string | undefined {
  const manifest = resolved(join(folder, 'package.json'))
  if (manifest === undefined || manifest === resolved(fileURLToPath(import.meta.url))) return undefined
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin?: { stigmergy?: string } }
  return bin?.stigmergy === undefined ? undefined : pathToFileURL(join(dirname(manifest), bin.stigmergy)).href
}

/** The manifest of the package as a module of this path finds it. */
function resolved(from: string): string | undefined {
  try {
    return realpathSync(createRequire(from).resolve('stigmergy/package.json'))
  } catch {
    return undefined
  }
}
