import type { TriggerCell } from '../bucket/trigger-cell.js'
import { StigmergyError } from '../errors.js'
import { explainPartition } from '../runtime/explain.js'
import type { TriggerExplanation } from '../runtime/face.js'
import type { SharedBucket } from './shared-bucket.js'

/** What of a trigger is told: an answer has to fit into a frame. */
const most = { partitions: 20, held: 50, steps: 20 } as const

/** Why partitions of a shared trigger stand where they stand; those named `by` if that is given. Throws `STG_TRIGGER_UNKNOWN`. */
export function explainShared(
  bucket: SharedBucket,
  trigger: string,
  by: string | undefined,
): readonly TriggerExplanation[] {
  const wanted = [...cellOf(bucket, trigger).partitions].filter(
    ({ name }) => by === undefined || name.by === by,
  )
  return wanted.slice(0, most.partitions).map(explainPartition).map(shortened)
}

/** The trigger of a shared bucket. Throws `STG_TRIGGER_UNKNOWN`. */
export function cellOf({ name, cells }: SharedBucket, trigger: string): TriggerCell {
  const found = cells.find(({ id }) => id === trigger)
  if (found !== undefined) return found
  throw new StigmergyError(
    'STG_TRIGGER_UNKNOWN',
    `Bucket ${name} has no trigger ${trigger}; it has ${cells.map(({ id }) => id).join(', ') || 'none'}.`,
    { details: { bucket: name, trigger } },
  )
}

function shortened({ status, steps, ...rest }: TriggerExplanation): TriggerExplanation {
  const held = status.held.slice(0, most.held)
  return { ...rest, status: { ...status, held }, steps: steps.slice(-most.steps) }
}
