/**
 * Where everything stands in the roster of a node: the file `control-roster`, which every member maps. Words are 32 bits,
 * little-endian; all of them are read and written with `Atomics`.
 *
 * ```text
 *      0  header       magic 'STGN', version of this layout, members, four words of the node's id
 *    128  members      64 of 128 bytes, by number:
 *
 *                      +0 life        epoch << 3 | stage. The founder's; the member itself may take it up and leave
 *                      +4 sleep       odd while its event loop sleeps. It makes it odd, whoever wakes it makes it even
 *                      +8 news        grows when it has something to look at besides frames
 *                     +12 generation  of the last endpoint that it opened; outlives the member
 *                     +16 processor   1 + the one that it was seen on last, waiting awake; 0 while that is not known
 *
 *   8320  load         64 of 16 words: what a LoadTable holds
 *  12416  rings        64 of 64 words, by receiver, then by sender: epoch of the sender whose ring is there to be mapped
 *  28800  endpoints    64 of 512 words: generation of the endpoint in that slot, 0 while nobody has it
 * 159872  end
 * ```
 */
export const rosterLayout = {
  magic: 0x4e475453,
  version: 2,
  bytes: 159_872,
  magicWord: 0,
  versionWord: 1,
  membersWord: 2,
  idWord: 3,
  idWords: 4,
  member: { word: 32, words: 32, life: 0, sleep: 1, news: 2, generation: 3, processor: 4 },
  load: { word: 2_080, words: 16 },
  rings: { word: 3_104, words: 64 },
  endpoints: { word: 7_200, words: 512 },
} as const

/** The most endpoints that a member can have open at one time. */
export const mostEndpoints = rosterLayout.endpoints.words

/** Where a membership stands. */
export const stage = {
  /** Nobody has the place. */
  free: 0,
  /** There is a ticket. */
  admitted: 1,
  joined: 2,
  /** Closed by the member itself. */
  left: 3,
  /** Ended by the founder, because the member was gone. */
  buried: 4,
} as const

export type Stage = (typeof stage)[keyof typeof stage]

/** The life word of a place: whose turn it is, and where that one stands. */
export interface Life {
  readonly epoch: number
  readonly stage: Stage
}
