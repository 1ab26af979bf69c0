import type { Closed, ObjectRef, Part, Scope, SessionEndRule } from '../contract/index.js'

/** What happens to a put that finds its partition full. */
export type OverflowPolicy = 'reject' | 'fireEarly' | 'dropOldest' | 'dropNewest'
/** What happens when a round has not fired in time. */
type DeadlinePolicy = 'fail' | 'partial' | 'discard' | { readonly fallback: string }
/** The order of the objects of a firing; `declared` leaves it to the primitive. */
export type ObjectOrder = 'declared' | 'arrival' | 'key' | 'eventTime'
/** Which objects a new trigger sees. */
export type Since = 'now' | 'earliest' | { readonly seq: number } | { readonly time: number }

/** A supervised producer, checked and complete. */
export interface Expectation {
  readonly source: string
  readonly key?: string
  readonly timeoutMs: number
  readonly maxAttempts: number
  readonly backoffMs: number
  readonly factor: number
}

/** The options that every trigger has, checked and complete. */
export interface CommonOptions {
  readonly scope: Scope
  readonly filter: ((object: ObjectRef) => boolean) | undefined
  readonly partitionBy: ((object: ObjectRef) => string) | undefined
  readonly deadlineMs: number | undefined
  readonly onDeadline: DeadlinePolicy
  readonly onLate: 'deadLetter' | 'drop'
  readonly onSessionEnd: SessionEndRule
  readonly onOverflow: OverflowPolicy
  readonly onFault: 'halt' | 'skip'
  readonly dropCancelled: boolean
  readonly order: ObjectOrder
  readonly since: Since
  readonly maxPending: number
  readonly maxPendingBytes: number
  readonly maxPartitions: number
  readonly expect: readonly Expectation[]
}

/** One configured trigger: all that its cell needs to know. */
export interface TriggerDefinition extends Part {
  readonly app: string
  readonly bucket: string
  readonly name: string
  readonly target: string
  /** Rises by one with each change of the options. */
  readonly generation: number
  /** What the trigger's own options have made of the primitive's rules. */
  readonly common: CommonOptions
}

/** Bucket and trigger in one text; a dot or backslash in the bucket's name is escaped, so that no two are alike. */
export function triggerId({ bucket, name }: Pick<TriggerDefinition, 'bucket' | 'name'>): string {
  return `${bucket.replaceAll(/[\\.]/g, '\\$&')}.${name}`
}

/** Every function that the trigger may fire. */
export function targetsOf({ target, targets, common }: TriggerDefinition): readonly string[] {
  const fallback = typeof common.onDeadline === 'object' ? [common.onDeadline.fallback] : []
  return [target, ...targets, ...fallback]
}

/** Whether the primitive wants to know of the end of such things. */
export function isListening({ listensTo }: Part, scope: Closed['scope']): boolean {
  return listensTo?.includes(scope) ?? true
}
