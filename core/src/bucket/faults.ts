import type { Firing } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Partition } from './partition.js'
import { applyEvent } from './step-event.js'
import { brokenContract, Step } from './step.js'

/** Throws `STG_TRIGGER_FAULT` for firings that the contract does not allow. */
export function checkFirings(
  trigger: string,
  firings: readonly Firing[],
  targets: ReadonlySet<string>,
  mayBeEmpty: boolean,
): void {
  if (!isList(firings)) throw notAList(trigger, firings)
  for (const { objects, target } of firings) {
    if (objects.length === 0 && !mayBeEmpty) throw brokenContract(trigger, 'it fires without objects')
    if (target !== undefined && !targets.has(target))
      throw brokenContract(
        trigger,
        `it fires ${JSON.stringify(target)}, which its primitive does not list as a target`,
      )
  }
}

/** Puts the state back to what it was before the step; false with a primitive that throws today at what it took yesterday. */
export function rollBack(partition: Partition): boolean {
  const { trigger } = partition.cell
  const silent = new Step()
  try {
    partition.rollBack((state, event) => {
      silent.begin(partition, event)
      applyEvent(trigger, state, event, silent)
    })
    return true
  } catch {
    return false
  }
}

/** What a hook threw, as a fault of its trigger. */
export function faultOf(trigger: string, cause: unknown): StigmergyError {
  if (StigmergyError.is(cause, 'STG_TRIGGER_FAULT')) return cause
  return new StigmergyError('STG_TRIGGER_FAULT', `Trigger ${trigger} threw: ${asError(cause).message}`, {
    cause,
    details: { trigger },
  })
}

/** What a hook returns is only as good as its author's types. */
function isList(given: unknown): boolean {
  return Array.isArray(given)
}

/** The promise of an asynchronous hook is given up. */
function notAList(trigger: string, given: unknown): StigmergyError {
  if (given instanceof Promise) given.catch(() => undefined)
  return brokenContract(trigger, 'a hook gives something else than a list of firings; hooks are synchronous')
}
