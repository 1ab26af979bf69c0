import type { PrimitiveClass } from '@stigmergy/core'
import type { TriggerSubject } from '@stigmergy/conformance'
import { batchSubject, type BatchOptions } from './batch.js'
import { joinSubject, type JoinOptions } from './join.js'
import { periodSubject, type PeriodOptions } from './period.js'

/** A broken trigger, and the law that must notice. */
export interface Mutant {
  /** Completes the sentence "a trigger that …". */
  readonly does: string
  /** Id and name of the law. */
  readonly breaks: string
  readonly subject: TriggerSubject
}

/** A class that claims to be a batch. */
export function brokenBatch(does: string, breaks: string, primitive: PrimitiveClass<BatchOptions>): Mutant {
  return mutant(does, breaks, { ...batchSubject, primitive })
}

/** A class that claims to be a join. */
export function brokenJoin(does: string, breaks: string, primitive: PrimitiveClass<JoinOptions>): Mutant {
  return mutant(does, breaks, { ...joinSubject, primitive })
}

/** A class that claims to be a period. */
export function brokenPeriod(does: string, breaks: string, primitive: PrimitiveClass<PeriodOptions>): Mutant {
  return mutant(does, breaks, { ...periodSubject, primitive })
}

/** Any broken primitive. */
export function mutant<Options>(does: string, breaks: string, subject: TriggerSubject<Options>): Mutant {
  return { does, breaks, subject: subject as unknown as TriggerSubject }
}
