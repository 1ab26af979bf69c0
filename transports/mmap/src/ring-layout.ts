/**
 * Where everything stands in a ring: a file `ring-<from>.<epoch>-<to>.<epoch>` that one member writes and one other reads.
 * Words are 32 bits, little-endian. Positions count bytes, modulo 2^32, and only grow; `position & (bytes - 1)` is an offset in
 * the data. What is between head and tail is under way.
 *
 * ```text
 *    0  magic     'STGR'
 *    4  version   of this layout
 *    8  bytes     of the data: a power of two
 *  128  tail      the sender's: whole frames end here. Its store is what commits a frame
 *  256  head      the receiver's: everything before it has been received
 *  384  waiting   1 while the sender wants to be rung when there is room
 *  512  data      frames, each at a multiple of 8 and in one piece:
 *
 *       +0 length of the content (bits 0-27), kind (28-31)
 *       +4 link: a number of the sender's, for one pair of endpoints
 *       +8 content, up to the next multiple of 8
 * ```
 *
 * Tail, head and waiting are on cache lines of their own, a line apart from their neighbours: they are written by both sides at once.
 */
export const ringLayout = {
  magic: 0x52475453,
  version: 1,
  magicWord: 0,
  versionWord: 1,
  bytesWord: 2,
  tailWord: 32,
  headWord: 64,
  waitingWord: 96,
  dataOffset: 512,
  frameHeaderBytes: 8,
  kindShift: 28,
  lengthMask: 0x0fff_ffff,
} as const

/** What a frame of a ring is. */
export const frameKind = {
  /** What an endpoint offered. */
  data: 0,
  /** Fills the end of the data, where the next frame had no room in one piece. */
  padding: 1,
  /** First frame of a link: slot and generation of the receiving endpoint, then the address of the sending one. */
  open: 2,
  /** Last frame of a link. */
  close: 3,
} as const

export type FrameKind = (typeof frameKind)[keyof typeof frameKind]

/** The smallest ring and the largest, in bytes of data. */
export const ringBounds = { least: 2 ** 12, most: 2 ** 28 } as const

/** Bytes that a frame takes: its header, its content, and up to the next multiple of 8. */
export function framedBytes(length: number): number {
  return (ringLayout.frameHeaderBytes + length + 7) & ~7
}

/** The largest content of a ring: with it and the padding before it an empty ring is never full. */
export function largestContent(ringBytes: number): number {
  return ringBytes / 2 - ringLayout.frameHeaderBytes
}
