import type { ObjectRef } from '../contract/index.js'

/** A value on its way between nodes: its bytes, or a ticket with which it is fetched from the node that has it. */
export type SentValue =
  | { readonly inline: Uint8Array }
  | {
      readonly ticket: Uint8Array
      /** Id of the node that lends it, or address of the client. */
      readonly node: string
    }

/** A put as the member knows it that has made it, and wants to hear when nothing is kept of it any more. */
export interface PutToSettle {
  readonly address: string
  readonly put: number
}

/** An object as it travels: its reference, and its value or where to get it. */
export interface SentObject {
  readonly ref: ObjectRef
  readonly value: SentValue
  /** Set on the way to a bucket that is kept in memory alone. */
  readonly settle?: PutToSettle
}

/** An object that a shared bucket holds, for as long as something there wants it. */
export interface SharedObject {
  readonly ref: ObjectRef
  value: SentValue
  settle?: PutToSettle | undefined
  /** Partitions and firings that hold it. */
  holds: number
}
