import type { Awaiting, Firing } from '../contract/index.js'
import type { Partition } from './partition.js'
import type { Step } from './step.js'

/** Ends a round that has not fired in time, as `onDeadline` of its trigger says. */
export function giveUp(
  partition: Partition,
  { keys: missing = [] }: Awaiting,
  step: Step,
): readonly Firing[] {
  const { onDeadline, deadlineMs } = partition.cell.common
  const objects = partition.delivered
  const firing: Firing = { objects, partial: true, missing, cause: 'deadline' }
  if (typeof onDeadline === 'object') return [{ ...firing, target: onDeadline.fallback }]
  if (onDeadline === 'partial' && objects.length > 0) return [firing]
  if (onDeadline === 'discard') for (const object of objects) step.dispose(object, 'unmatched')
  else
    step.unsatisfied({
      reason: 'deadline',
      missing,
      arrived: objects.length,
      message: `nothing fired within ${deadlineMs} ms`,
    })
  return []
}
