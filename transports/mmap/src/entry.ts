import type { StoreHandle } from '@stigmergy/core'
import type { Block } from './arena.js'
import type { Foreign } from './foreign.js'
import type { SpillFile } from './spill.js'

/** Stands for a value that was not read yet. */
export const unread = Symbol('unread')

/** A hold of this window in a segment of another member. */
export interface Lease {
  readonly foreign: Foreign
  readonly slot: number
  readonly generation: number
}

/** A value in one window. Plain fields and no table: `put`, `read` and `release` touch this one object. */
export class Entry implements StoreHandle {
  holds = 1
  /** How the bytes are to be read, once there are any. */
  kind = 0
  /** How many there are. */
  length = 0
  /** Where they are in their segment. */
  offset = 0
  /** Set when this window put the value and has described or allocated it. */
  block: Block | undefined = undefined
  /** Set when another window put the value. */
  lease: Lease | undefined = undefined
  /** Set when the bytes are on the disk. */
  file: SpillFile | undefined = undefined
  /** The buffer that readers were given. */
  view: ArrayBuffer | undefined = undefined
  /** Values whose memory this one refers to, and which it holds. */
  pins: readonly Entry[] | undefined = undefined

  constructor(
    readonly store: object,
    public bytes: number,
    public value: unknown,
  ) {}
}
