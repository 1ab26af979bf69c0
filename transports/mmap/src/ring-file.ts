import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A member in one of its lives. */
export interface Incarnation {
  readonly member: number
  readonly epoch: number
}

/** Where the ring is that one member writes and another one reads, until both have mapped it. */
export function ringPath(directory: string, from: Incarnation, to: Incarnation): string {
  return join(directory, `ring-${from.member}.${from.epoch}-${to.member}.${to.epoch}`)
}

/** Removes rings that a member has not mapped, and is not going to. */
export function removeRingsTo(directory: string, member: number): void {
  const toMember = new RegExp(`^ring-\\d+\\.\\d+-${member}\\.\\d+$`)
  for (const name of readdirSync(directory))
    if (toMember.test(name)) rmSync(join(directory, name), { force: true })
}
