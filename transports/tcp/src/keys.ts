import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'

/** Of a secret, and of what is derived from one. */
export const keyBytes = 32
/** Of a tag that authenticates something. */
export const tagBytes = 16

/** A key for one purpose, or a proof of knowing the secret: HMAC-SHA256 of the parts, each behind its length. */
export function derive(secret: Uint8Array, purpose: string, ...parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of [Buffer.from(`stigmergy tcp 1 ${purpose}`), ...parts]) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    hmac.update(length).update(part)
  }
  return hmac.digest()
}

/** Whether two proofs or tags are the same, in a time that does not tell where they differ. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

const nonceBytes = 12

/**
 * The tag of some bytes under a key and a number, which are used together for no other bytes: Poly1305, keyed by ChaCha20 (RFC 8439, with
 * nothing to encrypt). It costs less than a CRC-32 where processors have vectors, and unlike one it cannot be forged.
 */
export class Tag {
  readonly #cipher: ReturnType<typeof newCipher>

  constructor(key: Uint8Array, number: number) {
    this.#cipher = newCipher(key, number)
  }

  /** Bytes that come next. */
  add(bytes: Uint8Array): this {
    this.#cipher.setAAD(bytes, { plaintextLength: 0 })
    return this
  }

  /** The last call. */
  take(): Buffer {
    this.#cipher.final()
    return this.#cipher.getAuthTag()
  }
}

function newCipher(key: Uint8Array, number: number) {
  const nonce = Buffer.alloc(nonceBytes)
  nonce.writeUIntBE(number, nonceBytes - 6, 6)
  return createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes })
}
