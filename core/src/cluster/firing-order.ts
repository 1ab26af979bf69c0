import type { PartitionName } from '../contract/index.js'
import type { SentFiring } from '../node/messages.js'

/** A function to be run because a trigger of a shared bucket has fired: recorded once, ordered until it is done. */
export interface FiringOrder {
  /** The firing's id: the same whoever decides it, however often. */
  readonly id: string
  readonly app: string
  readonly fn: string
  readonly bucket: string
  readonly trigger: string
  readonly partition: PartitionName
  /** The session that it runs in, its own. */
  readonly session: string
  readonly parents: readonly string[]
  /** Places of its objects in the log of the bucket, in the order in which the function gets them. */
  readonly objects: readonly number[]
  readonly firing: SentFiring | undefined
  /** Marks the invocation, whose end is told to the trigger. */
  readonly tag: string | undefined
  /** Set when its function has failed, and the trigger knows: whether that has provided for it. */
  readonly absorbed?: boolean
  /** Serial firings of one lane run one after the other. */
  readonly lane: string | undefined
}
