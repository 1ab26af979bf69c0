import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Roster } from './roster.js'
import { isSystemError } from './system-error.js'

/** Where the bell of a member is. */
export function bellPath(directory: string, member: number, epoch: number): string {
  return join(directory, `bell-${member}.${epoch}`)
}

const ding = new Uint8Array([1])

/**
 * Wakes another member. Whoever has written what the member is to see rings afterwards; while it is awake that is one read of
 * shared memory.
 *
 * The byte is written before the sleep word is changed, so that one that dies in between leaves a member that is rung twice, and not one
 * that nobody rings any more. The word counts sleeps, so a late change does not touch the next sleep.
 */
export class Bell {
  readonly #roster: Roster
  readonly #member: number
  readonly #path: string
  /** Opened when it is rung for the first time. */
  #fd: number | undefined

  constructor(roster: Roster, member: number, path: string) {
    this.#roster = roster
    this.#member = member
    this.#path = path
  }

  /** Wakes the member if it sleeps. */
  ring(): void {
    const sleep = this.#roster.sleep(this.#member)
    if ((sleep & 1) === 0) return
    this.force()
    this.#roster.wake(this.#member, sleep)
  }

  /** Wakes the member, whatever its sleep word says. */
  force(): void {
    try {
      this.#fd ??= openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK)
      writeSync(this.#fd, ding)
    } catch (error) {
      // It is gone, or so many bytes wait for it that it will wake anyway.
      if (!isSystemError(error, 'ENOENT', 'ENXIO', 'EPIPE', 'EAGAIN')) throw error
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}
