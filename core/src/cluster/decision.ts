import type { Disposition, ObjectRef, PartitionName, Unsatisfied } from '../contract/index.js'
import type { StigmergyError } from '../errors.js'
import type { FiringOrder } from './firing-order.js'
import type { PutToSettle, SentValue } from './shared-object.js'

/** What a shared bucket has decided; carried out by whoever holds its shard. */
export type Decision =
  | { readonly kind: 'fire'; readonly order: FiringOrder; readonly objects: readonly ObjectRef[] }
  /** Nothing here wants the value any more. */
  | {
      readonly kind: 'free'
      readonly value: SentValue
      /** Whoever has put it hears of it. */
      readonly settle?: PutToSettle & { readonly app: string; readonly bucket: string }
    }
  | {
      readonly kind: 'disposed'
      readonly trigger: string
      readonly object: ObjectRef
      readonly reason: Disposition
    }
  | {
      readonly kind: 'unsatisfied'
      readonly trigger: string
      readonly partition: PartitionName
      readonly report: Unsatisfied
    }
  | {
      readonly kind: 'faulted'
      readonly trigger: string
      readonly partition: PartitionName
      readonly error: StigmergyError
    }
  /** What the firing that runs in this session still does is in vain. */
  | { readonly kind: 'cancel'; readonly session: string }

/** What can be asked of the triggers of a bucket. */
export type Operation =
  | { readonly op: 'flush' | 'reset' | 'pause' | 'resume'; readonly trigger: string; readonly by?: string }
  | { readonly op: 'watermark'; readonly reached: number }
