import { StigmergyError } from '@stigmergy/core'
import { ringBounds, ringLayout } from './ring-layout.js'

/** A ring as one of its two sides sees it. */
export interface Ring {
  readonly words: Int32Array
  /** The data. */
  readonly bytes: Uint8Array
  readonly capacity: number
}

/** Size of the memory that a ring takes. */
export function ringSize(capacity: number): number {
  return ringLayout.dataOffset + capacity
}

/** Makes an empty ring of memory that is all zeros. */
export function createRing(memory: ArrayBufferLike): Ring {
  const words = new Int32Array(memory, 0, memory.byteLength >> 2)
  words[ringLayout.bytesWord] = memory.byteLength - ringLayout.dataOffset
  words[ringLayout.versionWord] = ringLayout.version
  words[ringLayout.magicWord] = ringLayout.magic
  return ringIn(memory, words)
}

/** The ring in a memory. Throws `STG_STORE_CORRUPT` when there is none. */
export function openRing(memory: ArrayBufferLike, name: string): Ring {
  const words = new Int32Array(memory, 0, memory.byteLength >> 2)
  const isRing =
    memory.byteLength >= ringSize(ringBounds.least) &&
    words[ringLayout.magicWord] === ringLayout.magic &&
    words[ringLayout.versionWord] === ringLayout.version &&
    words[ringLayout.bytesWord] === memory.byteLength - ringLayout.dataOffset
  if (isRing) return ringIn(memory, words)
  throw new StigmergyError('STG_STORE_CORRUPT', `${name} is not a ring of version ${ringLayout.version}.`, {
    details: { name, bytes: memory.byteLength },
  })
}

function ringIn(memory: ArrayBufferLike, words: Int32Array): Ring {
  const bytes = new Uint8Array(memory, ringLayout.dataOffset)
  return { words, bytes, capacity: bytes.length }
}
