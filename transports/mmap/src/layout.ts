/**
 * Where everything stands in the files of a node, in bytes. Words are 32 bits, numbers are 64-bit floats, both little-endian: the
 * machine's own, since nobody else reads these files.
 *
 * ```text
 * control                                 segment  <member>-<epoch>-<number>.seg
 * 0     header                            0      header
 * 128   place of member 0 (128 bytes)     4096   slot 0 (64 bytes)
 * 256   place of member 1                        slot 1
 *       ...                                      ...
 *       path                              data   blocks: what the slots say, each from a multiple of 64
 * ```
 *
 * Only its own member writes to a segment, except for two things that each member says of itself: its bit in the holds of a slot,
 * and that a slot is stale, when it finds it without holds after the owner has left.
 */
export const layoutVersion = 1

/** The first word of the control file: `STGC`. */
export const controlMagic = 0x43_47_54_53
/** The first word of a segment: `STGS`. */
export const segmentMagic = 0x53_47_54_53

/** Members that a node can have: as many as a slot has bits for holds. */
export const mostMembers = 64

export const control = {
  /** Word. */
  magic: 0,
  /** Word. */
  version: 4,
  /** Number: the size of the file. */
  bytes: 8,
  /** Word. */
  members: 16,
  /** Two words: the key of the tags of descriptors. */
  key: 20,
  /** Number: what all values of the node may take. */
  limitBytes: 32,
  /** Number: what spilled values may take on the disk. */
  spillLimitBytes: 40,

  /** The place of the first member. */
  places: 128,
  placeBytes: 128,
  /** Behind the places: a word, the length of the path of the directory for spilled values, and the path. */
  pathBytes: 4096,
} as const

/** In the place of a member, which only this member writes, except for `remains`. Offsets are from the start of the place. */
export const place = {
  /** Number: what the values that this member put are accounted for. */
  bytes: 0,
  /** Number: the same for blocks of earlier windows, which have closed or died, that others still hold. Any member counts them again. */
  remainsBytes: 8,
  /** Number: what this member has spilled to the disk. */
  spilledBytes: 16,
  /** Word: values that this member put. */
  objects: 24,
  /** Word: values of earlier windows that others still hold. */
  remainsObjects: 28,
  /** Word: counts the windows at this place. */
  epoch: 32,
  /** Word: 1 while the last of them is open. */
  present: 36,
} as const

export const segment = {
  /** Word. */
  magic: 0,
  /** Word. */
  version: 4,
  /** Number: the size of the file. */
  bytes: 8,
  /** Word: the owner. */
  member: 16,
  /** Word. */
  epoch: 20,
  /** Word: counts the segments of one epoch of the owner. */
  number: 24,
  /** Word. */
  slots: 28,
  /** Word: slots from here on were never used. */
  slotsUsed: 32,
  /** Word: 1 when the owner has left. From then on those who held a value free what nobody holds. */
  left: 36,
  /** Word: 1 when the file has been removed: whoever still maps it should stop. */
  removed: 56,
  /** Two words: the key of the node, so that a segment of another node is known. */
  key: 40,
  /** Number: where the blocks start. */
  data: 48,

  /** The first slot. */
  table: 4096,
  slotBytes: 64,
  /** Blocks start at a multiple of this, and are as long. */
  unitBytes: 64,
} as const

/** In a slot. Offsets are from the start of the slot, which is a line of the processor's cache. */
export const slot = {
  /** Word: odd while the slot names a value, even while it is free or stale. Counts up, and is never reset. */
  generation: 0,
  /** Two words: a bit for each member that holds the value. */
  holds: 4,
  /** Word: how the bytes are to be read. */
  kind: 12,
  /** Number: where the block starts in the file; for a spilled value, the number of its file. */
  offset: 16,
  /** Number: bytes of the value. */
  length: 24,
  /** Number: what the value is accounted for. */
  accounted: 32,
} as const

/** The last generation. A slot that has had it is not used again, so that no descriptor ever names a second value. */
export const lastGeneration = 0xff_ff_ff_ff

/**
 * A descriptor: seven words.
 *
 * ```text
 * 0 member   4 epoch   8 segment   12 slot   16 generation   20 tag (two words)
 * ```
 *
 * Where the block is and how long, the slot says: the generation tells that it still speaks of the same value.
 */
export const descriptor = { words: 5, bytes: 28 } as const

/** Size of a page of the machine, or a multiple of it. */
export const pageBytes = 16_384

/** `bytes` rounded up to a multiple of `unit`. */
export function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit
}
