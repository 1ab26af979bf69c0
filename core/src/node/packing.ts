import type { Codec } from '../codec.js'
import type { NodeMember, ObjectStore, StoreHandle } from '../contract/index.js'
import { ArrivedValue } from './arrived-value.js'
import type { Parcel } from './messages.js'

const usualInlineBytes = 8_192

/** How large the values in messages are: any size where they cannot be had otherwise. */
export function inlineBytesOf({ copiesValues }: NodeMember): number {
  return copiesValues === true ? Infinity : usualInlineBytes
}

/** What packs and unpacks values on their way between workers. */
export interface PackingParts {
  readonly codec: Codec
  readonly store: ObjectStore
  /** Values of up to so many bytes travel inside of the message; of larger ones a descriptor does. */
  readonly inlineBytes: number
}

/** Packs a value that lives in the store of this worker. Its holder keeps it until the other side has answered. */
export function packStored(
  handle: StoreHandle,
  bytes: number,
  { codec, store, inlineBytes }: PackingParts,
): Parcel {
  // The store has written the value, and so found it larger than was estimated: reading it would decode all of it.
  if (handle.bytes > Math.max(bytes, inlineBytes)) return [store.describe(handle)]
  const value = store.read(handle)
  if (value instanceof ArrivedValue && value.encoded !== undefined) return value.encoded
  if (bytes <= inlineBytes) {
    const encoded = codec.encode(value)
    if (encoded.length <= inlineBytes) return encoded
  }
  return [store.describe(handle)]
}

/** A value that was not put into a store yet: its bytes when it is small, else undefined. */
export function packSmall(
  value: unknown,
  bytes: number,
  { codec, inlineBytes }: PackingParts,
): Uint8Array | undefined {
  if (bytes > inlineBytes) return undefined
  const encoded = codec.encode(value)
  return encoded.length <= inlineBytes ? encoded : undefined
}

/** Throws `STG_STORE_DESCRIPTOR` for a place in the store that is not, or no longer, what the sender meant. */
export function unpack(parcel: Parcel, bytes: number, parts: PackingParts): ArrivedValue {
  return parcel instanceof Uint8Array
    ? new ArrivedValue(bytes, parcel, undefined, parts)
    : new ArrivedValue(bytes, undefined, parts.store.open(parcel[0]), parts)
}
