import type { Closed } from '@stigmergy/core'
import {
  applyEvent,
  hasHook,
  isListening,
  Partition,
  Step,
  type TriggerDefinition,
} from '@stigmergy/core/cell'

/** Whether a runtime tells the primitive of this end. The cell cannot say when it has instruments around it. */
export function isTold(definition: TriggerDefinition, { scope, key }: Closed): boolean {
  if (!hasHook(definition.trigger, 'onClosed')) return false
  const isAwaited = scope === 'invocation' && key !== undefined
  return isAwaited || isListening(definition, scope)
}

/**
 * Tells a partition that its session has ended, in the order of a runtime: one that fires at the news is told first; then what is
 * held is flushed, if it is to be; then the others are told.
 */
export function tellEnd(definition: TriggerDefinition, partition: Partition, fact: Closed): void {
  const { cell } = partition
  const tells = isTold(definition, fact)
  const firesAtOnce = tells && wouldFire(definition, partition, fact)
  if (firesAtOnce) cell.close(partition, fact)
  if (partition.pending.size > 0 && cell.common.onSessionEnd === 'flush') cell.flush(partition)
  if (tells && !firesAtOnce) cell.close(partition, fact)
}

/** Tries the fact on a copy, without instruments, as `TriggerCell.wouldFire` does. */
function wouldFire({ trigger }: TriggerDefinition, partition: Partition, fact: Closed): boolean {
  const { cell, key, name, fireSeq, state, random } = partition
  const trial = new Partition(cell, key, name, fireSeq)
  trial.restart(partition.freshFrom(state), random)
  const step = new Step()
  const event = { kind: 'closed', at: 0, fact } as const
  step.begin(trial, event)
  try {
    return applyEvent(trigger, trial.state, event, step).length > 0
  } catch {
    return true
  }
}
