import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Control } from './control.js'
import { isSystemError } from './system-error.js'

/** A value that found no room in memory, in a file of its own. */
export interface SpillFile {
  readonly member: number
  readonly epoch: number
  readonly number: number
  readonly bytes: number
}

/** Writes a file that only this user can read. Returns whether the disk had room. */
export function writeSpilled(control: Control, file: SpillFile, bytes: Uint8Array): boolean {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
  const path = pathOf(control, file)
  const fd = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
    return true
  } catch (error) {
    rmSync(path, { force: true })
    if (isSystemError(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) return false
    throw error
  } finally {
    closeSync(fd)
  }
}

/** The bytes of a file, in memory of this thread. */
export function readSpilled(control: Control, file: SpillFile): ArrayBuffer {
  const fd = openSync(pathOf(control, file), constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    return new Uint8Array(readFileSync(fd)).buffer
  } finally {
    closeSync(fd)
  }
}

export function removeSpill(control: Control, file: SpillFile): void {
  rmSync(pathOf(control, file), { force: true })
}

/** Removes the files of windows that a member has closed, but those that are to be kept: `<epoch>-<number>`. */
export function removeSpilled(control: Control, member: number, keep: ReadonlySet<string>): void {
  if (control.spillDirectory === undefined) return
  for (const name of readdirSync(control.spillDirectory)) {
    const match = /^(\d+)-(\d+)-(\d+)\.spill$/.exec(name)
    if (match === null || Number(match[1]) !== member || Number(match[2]) === control.present(member))
      continue
    if (!keep.has(`${match[2]}-${match[3]}`)) rmSync(join(control.spillDirectory, name), { force: true })
  }
}

function pathOf(control: Control, { member, epoch, number }: SpillFile): string {
  return join(control.spillDirectory ?? control.directory, `${member}-${epoch}-${number}.spill`)
}
