import { StigmergyError } from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isAlive, ownProcess, type ProcessName } from './process-name.js'

export interface DirectoryOptions {
  /** Where to make it. Default: `/dev/shm` where that is memory with room, else the system's directory for temporary files. */
  readonly directory?: string
  /** What is going to be kept in it, in bytes. Default: half of what is free, at most 1 GiB. */
  readonly limitBytes?: number
}

/**
 * The private directory of a node: for this user only, named after the process that made it. Removed by `close`, when the process
 * exits, and, when it could not do either, by the next process that makes one in the same place.
 */
export class NodeDirectory {
  readonly #remove = (): void => remove(this.path)

  private constructor(
    readonly path: string,
    /** What fits, as far as one can tell beforehand. */
    readonly limitBytes: number,
  ) {
    process.once('exit', this.#remove)
  }

  /** Throws `STG_STORE_DIRECTORY` when no directory can be made, or when less than `limitBytes` is free there. */
  static create(options: DirectoryOptions = {}): NodeDirectory {
    const { parent, limitBytes } = placeFor(options)
    const owner = ownProcess()
    try {
      sweepDirectories(parent, owner)
      const path = join(parent, nameOf(owner))
      mkdirSync(path, { mode: 0o700 })
      checkPrivate(path)
      return new NodeDirectory(path, limitBytes)
    } catch (cause) {
      if (StigmergyError.is(cause)) throw cause
      throw unusable(parent, `${reason(cause)}. Choose another with the option directory`, cause)
    }
  }

  close(): void {
    process.removeListener('exit', this.#remove)
    remove(this.path)
  }
}

/** Throws `STG_STORE_DIRECTORY` unless `path` is a directory of this user that nobody else can enter. */
export function checkPrivate(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw unusable(path, 'it does not exist; the node may have closed')
  if (!stat.isDirectory()) throw unusable(path, 'it is not a directory')
  if (stat.uid !== process.getuid?.()) throw unusable(path, 'it belongs to another user')
  if ((stat.mode & 0o077) !== 0) throw unusable(path, 'other users can enter it')
}

/** Removes the directories in `parent` that processes of this user have left behind. Touches nothing else. */
function sweepDirectories(parent: string, self: ProcessName): void {
  for (const name of readdirSync(parent)) {
    const owner = ownerOf(name)
    if (owner === undefined || owner.space !== self.space || isAlive(owner)) continue
    const path = join(parent, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory() === true && stat.uid === process.getuid?.()) remove(path)
  }
}

/** A store that is smaller is of little use, so another place is tried first. */
const leastBytes = 16 * 2 ** 20
const mostBytes = 2 ** 30
const memoryFileSystem = 0x0102_1994

interface Place {
  readonly parent: string
  readonly limitBytes: number
}

function placeFor({ directory, limitBytes }: DirectoryOptions): Place {
  if (directory !== undefined) return told(resolve(directory), limitBytes)
  const memory = freeMemory('/dev/shm')
  const inMemory = limitBytes ?? Math.min(memory / 2, mostBytes)
  if (inMemory <= memory && inMemory >= Math.min(limitBytes ?? leastBytes, leastBytes))
    return { parent: '/dev/shm', limitBytes: Math.floor(inMemory) }
  return told(tmpdir(), limitBytes)
}

function told(parent: string, limitBytes: number | undefined): Place {
  const free = freeIn(parent)
  const limit = limitBytes ?? Math.floor(Math.min(free / 2, mostBytes))
  if (limit <= free && (limitBytes !== undefined || limit > 0)) return { parent, limitBytes: limit }
  const remedy =
    'give it room (a container: --shm-size), choose another with the option directory, or lower limitBytes'
  throw unusable(parent, `${limit} bytes are wanted and ${free} are free; ${remedy}`)
}

function freeIn(directory: string): number {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  } catch (cause) {
    throw unusable(directory, `${reason(cause)}. Choose another with the option directory`, cause)
  }
}

/** Bytes that are free where files are kept in memory; 0 where they are not. */
function freeMemory(directory: string): number {
  try {
    const { type, bavail, bsize } = statfsSync(directory)
    return type === memoryFileSystem ? bavail * bsize : 0
  } catch {
    return 0
  }
}

/** The name says whose it is, so that a directory is never without an owner. */
function nameOf({ space, pid, startedAt }: ProcessName): string {
  return `stigmergy-${space}-${pid}-${startedAt}-${randomBytes(6).toString('hex')}`
}

function ownerOf(name: string): ProcessName | undefined {
  const match = /^stigmergy-(\d+)-(\d+)-(\d+)-[\da-f]{12}$/.exec(name)
  if (match === null) return undefined
  const [, space = '', pid = '', startedAt = ''] = match
  return { space, pid: Number(pid), startedAt }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function unusable(path: string, why: string, cause?: unknown): StigmergyError {
  return new StigmergyError('STG_STORE_DIRECTORY', `The directory ${path} cannot be used: ${why}.`, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  })
}
