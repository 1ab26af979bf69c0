import type { ObjectRef } from '../contract/index.js'

/** A value on its way between nodes: its bytes, or a ticket with which it is fetched from the node that has it. */
export type SentValue =
  | { readonly inline: Uint8Array }
  | {
      readonly ticket: Uint8Array
      /** The node that lends it. */
      readonly node: string
    }

/** An object as it travels: its reference, and its value or where to get it. */
export interface SentObject {
  readonly ref: ObjectRef
  readonly value: SentValue
}

/** An object that a shared bucket holds, for as long as something there wants it. */
export interface SharedObject {
  readonly ref: ObjectRef
  value: SentValue
  /** Partitions and firings that hold it. */
  holds: number
}
