import { StigmergyError } from '@stigmergy/core'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { EndpointPlace } from './roster.js'
import { isSystemError } from './system-error.js'

/**
 * Which endpoint has which address, in a node: one symbolic link per address, named by a hash of it, to a text that is no path but says
 * where the endpoint stands. Making a link is atomic, so of two that want an address one gets it, and nobody finds half an entry.
 */
export class AddressBook {
  readonly #folder: string

  constructor(directory: string) {
    this.#folder = join(directory, 'addresses')
  }

  /** Called once, by the founder. */
  create(): void {
    mkdirSync(this.#folder, { mode: 0o700 })
  }

  /** Throws `STG_TRANSPORT_ADDRESS` when the address is in use, or none. */
  enter(address: string, place: EndpointPlace): void {
    if (!isAddress(address)) throw invalid(address, 'is not 1 to 512 bytes of UTF-8')
    try {
      symlinkSync(textOf(place), this.#pathOf(address))
    } catch (cause) {
      if (isSystemError(cause, 'EEXIST')) throw invalid(address, 'is in use')
      throw cause
    }
  }

  /** Undefined when nobody has the address. */
  find(address: string): EndpointPlace | undefined {
    if (!isAddress(address)) return undefined
    try {
      return placeIn(readlinkSync(this.#pathOf(address)))
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return undefined
      throw error
    }
  }

  remove(address: string): void {
    rmSync(this.#pathOf(address), { force: true })
  }

  /** Removes every address of a member that could not do it itself. */
  strike(member: number): void {
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name)
      if (memberIn(path) === member) rmSync(path, { force: true })
    }
  }

  #pathOf(address: string): string {
    return join(this.#folder, createHash('sha256').update(address).digest('hex'))
  }
}

function isAddress(address: string): boolean {
  return address !== '' && Buffer.byteLength(address) <= 512 && !/\p{Surrogate}/u.test(address)
}

function textOf({ member, epoch, slot, generation }: EndpointPlace): string {
  return [member, epoch, slot, generation].join(':')
}

function placeIn(text: string): EndpointPlace | undefined {
  const [member, epoch, slot, generation] = text.split(':').map(Number)
  if (member === undefined || epoch === undefined || slot === undefined || generation === undefined)
    return undefined
  return { member, epoch, slot, generation }
}

/** An owner may be removing it at this moment. */
function memberIn(path: string): number | undefined {
  try {
    return placeIn(readlinkSync(path))?.member
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

function invalid(address: string, why: string): StigmergyError {
  return new StigmergyError('STG_TRANSPORT_ADDRESS', `The address ${JSON.stringify(address)} ${why}.`, {
    details: { address },
  })
}
