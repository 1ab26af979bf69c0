import { StigmergyError } from '@stigmergy/core'
import { errors } from '@nats-io/transport-node'
import type { Connection } from './connection.js'
import type { Entries } from './entries.js'
import { encodeHead, Kind, writeProgress } from './message.js'
import { encodeAddress, type Names } from './names.js'

/** How long somebody who has an address may take to say so, in ms; whoever is silent but connected has it. */
const answerMs = 1_000

/** The message that asks whether somebody hears. */
export function encodePing(): Uint8Array {
  return writeProgress(encodeHead(Kind.Ping, { to: 0, from: 0 }), {
    taken: 0,
    windowBytes: 0,
    someLost: false,
  })
}

/** The addresses of a cluster as they stand beside the register: who has claimed which. */
export class Claims {
  readonly #member: string
  readonly #connection: Connection
  readonly #entries: Entries
  readonly #names: Names

  constructor(member: string, entries: Entries, names: Names) {
    this.#member = member
    this.#connection = entries.connection
    this.#entries = entries
    this.#names = names
  }

  /** Claims an address, and returns the revision of the claim. Throws `STG_TRANSPORT_ADDRESS` when another member has it and is there. */
  async claim(address: string): Promise<number> {
    const subject = this.#subjectOf(address)
    const own = Buffer.from(this.#member)
    for (let expected = 0; ;) {
      const revision = await this.#entries.put(subject, own, expected)
      if (revision !== undefined) return revision
      const stored = await this.#entries.get(subject)
      if (stored?.value !== undefined && (await this.#isThere(Buffer.from(stored.value).toString())))
        throw addressError(address, 'is in use')
      expected = stored?.revision ?? 0
    }
  }

  /** Gives a claim up, or that of a member that is gone. */
  async clear(address: string, revision: number): Promise<void> {
    await this.#entries.put(this.#subjectOf(address), undefined, revision)
  }

  /** A member whose connection was lost is not there: another one may have its addresses. */
  async #isThere(member: string): Promise<boolean> {
    if (member === this.#member) return false
    const inbox = this.#names.inbox(member)
    try {
      await this.#connection.nats.request(inbox, encodePing(), { timeout: answerMs })
      return true
    } catch (error) {
      return !(error instanceof errors.RequestError && error.isNoResponders())
    }
  }

  #subjectOf(address: string): string {
    return this.#names.entry('address', encodeAddress(address))
  }
}

export function addressError(address: string, why: string): StigmergyError {
  return new StigmergyError('STG_TRANSPORT_ADDRESS', `The address ${JSON.stringify(address)} ${why}.`, {
    details: { address },
  })
}

/** Throws `STG_TRANSPORT_ADDRESS` unless it is 1 to 512 bytes of UTF-8. */
export function checkAddress(address: string): void {
  if (address === '' || Buffer.byteLength(address) > 512 || /\p{Surrogate}/u.test(address))
    throw addressError(address, 'is not 1 to 512 bytes of UTF-8')
}
