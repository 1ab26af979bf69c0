import { isRaw, StigmergyError, valueKinds } from '@stigmergy/core'
import { longestAddressBytes } from './address.js'
import { derive, isSame, tagBytes } from './keys.js'
import { mostChunkBytes } from './options.js'

/** Of the name of a lent value: random, so that nobody meets one by chance. */
export const idBytes = 16

/** What a borrower has to know of a lent value. */
export interface Ticket {
  /** Where its lender can be reached. */
  readonly address: string
  readonly id: Uint8Array
  /** As in `valueKinds`. */
  readonly kind: number
  /** Bytes that travel. */
  readonly bytes: number
  /** What the lender's store accounts for it. */
  readonly accounted: number
  /** The size in which the bytes travel. */
  readonly chunkBytes: number
}

const version = 1
/** version 1, kind 1, id 16, bytes 8, accounted 8, chunk 4; then the address, and the tag. */
const fixedBytes = 2 + idBytes + 8 + 8 + 4

/** Makes tickets, and reads those that somebody with the same secret has made. */
export class TicketPress {
  readonly #key: Buffer

  constructor(secret: Uint8Array) {
    this.#key = derive(secret, 'tickets')
  }

  write({ address, id, kind, bytes, accounted, chunkBytes }: Ticket): Uint8Array {
    const text = Buffer.from(address)
    const ticket = Buffer.alloc(fixedBytes + text.length + tagBytes)
    ticket.writeUInt8(version, 0)
    ticket.writeUInt8(kind, 1)
    ticket.set(id, 2)
    ticket.writeDoubleBE(bytes, 2 + idBytes)
    ticket.writeDoubleBE(accounted, 10 + idBytes)
    ticket.writeUInt32BE(chunkBytes, 18 + idBytes)
    ticket.set(text, fixedBytes)
    ticket.set(this.#tag(ticket.subarray(0, -tagBytes)), fixedBytes + text.length)
    return new Uint8Array(ticket)
  }

  /** Throws `STG_STORE_DESCRIPTOR` for everything else. */
  read(given: Uint8Array): Ticket {
    const ticket = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
    if (!this.#isGenuine(ticket)) throw notATicket()
    return {
      kind: ticket.readUInt8(1),
      id: new Uint8Array(ticket.subarray(2, 2 + idBytes)),
      bytes: ticket.readDoubleBE(2 + idBytes),
      accounted: ticket.readDoubleBE(10 + idBytes),
      chunkBytes: ticket.readUInt32BE(18 + idBytes),
      address: ticket.toString('utf8', fixedBytes, ticket.length - tagBytes),
    }
  }

  #isGenuine(ticket: Buffer): boolean {
    const { length } = ticket
    if (length <= fixedBytes + tagBytes || length > fixedBytes + longestAddressBytes + tagBytes) return false
    if (!isSame(this.#tag(ticket.subarray(0, -tagBytes)), ticket.subarray(-tagBytes))) return false
    const kind = ticket.readUInt8(1)
    const chunkBytes = ticket.readUInt32BE(18 + idBytes)
    const isKnown = isRaw(kind) || kind === valueKinds.cbor
    return ticket.readUInt8(0) === version && isKnown && chunkBytes > 0 && chunkBytes <= mostChunkBytes
  }

  #tag(bytes: Uint8Array): Buffer {
    return derive(this.#key, 'ticket', bytes).subarray(0, tagBytes)
  }
}

export function notATicket(): StigmergyError {
  const message = 'These bytes are no ticket that a node with the secret of this cluster has made.'
  return new StigmergyError('STG_STORE_DESCRIPTOR', message)
}
