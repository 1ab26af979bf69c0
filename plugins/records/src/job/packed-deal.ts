import type { Deal } from './job.js'

const lengthBytes = 4

/**
 * A deal as bytes, for its way between tasks: each reduce needs a small part of what is held, and reads that where it lies. The length of
 * the rest as JSON, in four bytes; that JSON; and what is held.
 */
export function packDeal({ held, pairs, payload, sizes, ...others }: Deal): Uint8Array {
  const numbers = { pairs: [...pairs], payload: [...payload], sizes: [...sizes] }
  const rest = Buffer.from(JSON.stringify({ ...others, ...numbers, isHeld: held !== undefined }))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32LE(rest.length)
  return Buffer.concat([length, rest, held ?? Buffer.alloc(0)])
}

/** The deal that was packed. What it holds is a part of the bytes. */
export function unpackDeal({ buffer, byteOffset, length }: Uint8Array): Deal {
  const bytes = Buffer.from(buffer, byteOffset, length)
  const end = lengthBytes + bytes.readUInt32LE()
  const { isHeld, pairs, payload, sizes, ...others } = JSON.parse(
    bytes.toString('utf8', lengthBytes, end),
  ) as Rest
  return {
    ...others,
    pairs: Float64Array.from(pairs),
    payload: Float64Array.from(payload),
    sizes: Float64Array.from(sizes),
    held: isHeld ? bytes.subarray(end) : undefined,
  }
}

type Lists = 'pairs' | 'payload' | 'sizes'

type Rest = Omit<Deal, Lists | 'held'> & {
  readonly [list in Lists]: readonly number[]
} & { readonly isHeld: boolean }
