import { createReadStream, type Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Spool, TextFile } from './spool.js'

/** A file or folder that cannot be read, and why. */
export interface Unreadable {
  readonly path: string
  readonly problem: string
}

/** The texts to count. */
export interface Texts {
  readonly files: readonly TextFile[]
  readonly bytes: number
  readonly unreadable: readonly Unreadable[]
}

/** A path that was asked for does not exist. */
export class PathMissing extends Error {
  constructor(path: string) {
    super(`${path}: no such file or folder`)
  }
}

type Found = TextFile | Unreadable

/**
 * Finds texts: in folders the Markdown and text files at any depth, without `.git` and without following links; files that
 * are named, whatever they are; the standard input for `-`. What cannot be read in parts, such as a pipe, goes through
 * `spool`. Throws `PathMissing`.
 */
export async function findTexts(paths: readonly string[], spool: Spool): Promise<Texts> {
  const found: Found[] = []
  for (const path of paths) found.push(...(await named(path, spool)))
  const files = found.filter((text) => 'bytes' in text)
  return {
    files,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    unreadable: found.filter((text) => 'problem' in text),
  }
}

async function named(path: string, spool: Spool): Promise<readonly Found[]> {
  if (path === '-') return [await spool.keep(() => process.stdin)]
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return await within(path)
    const isReadableInParts = stats.isFile() && stats.size > 0
    return [isReadableInParts ? { path, bytes: stats.size } : await spool.keep(() => createReadStream(path))]
  } catch (error) {
    if (isMissing(error)) throw new PathMissing(path)
    return [{ path, problem: problemOf(error) }]
  }
}

async function within(folder: string): Promise<readonly Found[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    return (await Promise.all(entries.map((entry) => listed(folder, entry)))).flat()
  } catch (error) {
    return [{ path: folder, problem: problemOf(error) }]
  }
}

const textExtensions = new Set(['.md', '.markdown', '.txt'])

async function listed(folder: string, entry: Dirent): Promise<readonly Found[]> {
  const path = join(folder, entry.name)
  if (entry.isDirectory()) return entry.name === '.git' ? [] : within(path)
  if (!entry.isFile() || !textExtensions.has(extname(entry.name).toLowerCase())) return []
  try {
    return [{ path, bytes: (await stat(path)).size }]
  } catch (error) {
    return [{ path, problem: problemOf(error) }]
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** The reason as people read it; the system's errors name the call and the path behind a comma. */
export function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /^E[A-Z]+: [^,]+/.exec(message)?.[0] ?? message
}
