import type {
  CommonOptions,
  Expectation,
  ObjectOrder,
  OverflowPolicy,
  Since,
} from '../bucket/trigger-definition.js'
import type { ObjectRef, Part } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { Target } from '../primitive.js'
import {
  callable,
  checkFields,
  duration,
  either,
  flag,
  listOf,
  oneOf,
  record,
  text,
  whole,
  type FieldCheck,
} from './fields.js'

/** A function whose missing output the runtime answers by running it again. */
export interface Expected {
  /** The function. Its runs in the session are supervised from their start. */
  readonly source: Target
  /** The key that is awaited from it; by default any object of the invocation. */
  readonly key?: string
  readonly timeoutMs: number
  /** Runs in all. Default 3. */
  readonly maxAttempts?: number
  /** Pause before the second attempt. Default 1,000. */
  readonly backoffMs?: number
  /** By which the pause grows. Default 2. */
  readonly factor?: number
}

/** An object as filters see it: its address, its metadata and its value. */
export interface FilteredObject<T> extends ObjectRef {
  readonly value: T
}

/** What every trigger can be given, whatever its primitive. */
export interface TriggerOptions<T = unknown> {
  /** Unique in its bucket. Default: the name of the target. */
  readonly name?: string
  /** One state per session or one for the bucket. Default: as the primitive says. */
  readonly scope?: 'session' | 'bucket'
  /** A state of its own for each value. Must be pure. */
  readonly partitionBy?: (object: FilteredObject<T>) => string
  /** Objects for which it is false are disposed as `filtered`. Must be pure. */
  readonly filter?: (object: FilteredObject<T>) => boolean
  /** ms from a round's first object to its firing. Default none. */
  readonly deadline?: number
  /** Default `fail`. */
  readonly onDeadline?: 'fail' | 'partial' | 'discard' | { readonly fallback: Target }
  /** Late objects can be read as dead letters, or are only counted. Default `deadLetter`. */
  readonly onLate?: 'deadLetter' | 'drop'
  /** What happens to held objects when the session ends. Default: as the primitive says. */
  readonly onSessionEnd?: 'flush' | 'discard'
  /** Default `reject`: the producer gets `STG_TRIGGER_BUSY`, and no trigger gets the object. */
  readonly onOverflow?: OverflowPolicy
  /** After a hook threw: `halt` stops the partition, `skip` disposes the object. Default `halt`. */
  readonly onFault?: 'halt' | 'skip'
  /** Bucket scope: let go of objects whose session was cancelled or has expired. Default false. */
  readonly dropCancelled?: boolean
  /** Which objects a trigger that is added later sees. Default `now`. */
  readonly since?: Since
  /** The order of a firing's objects. Default `declared`: the primitive's own, which is arrival unless it says otherwise. */
  readonly order?: ObjectOrder
  /** Objects held per partition, and facts that may wait in it during a pause, 1 to 1,000,000. Default 10,000. */
  readonly maxPending?: number
  /** Bytes held per partition. Default 64 MiB. A single object may exceed it. */
  readonly maxPendingBytes?: number
  /** States of this trigger. Default 100,000. */
  readonly maxPartitions?: number
  /** Producers to run again when their objects do not come. */
  readonly expect?: readonly Expected[]
}

const target: FieldCheck = (value) =>
  typeof value === 'string' || typeof (value as { fn?: unknown } | null)?.fn === 'string'
    ? undefined
    : 'a function or its name'

const expectation = record(
  {
    source: target,
    key: text,
    timeoutMs: duration,
    maxAttempts: whole(1, 1_000),
    backoffMs: whole(0, 31_536_000_000),
    factor: (value) =>
      typeof value === 'number' && value >= 1 && value <= 100 ? undefined : 'a number from 1 to 100',
  },
  ['source', 'timeoutMs'],
)

const optionChecks: Readonly<Record<keyof TriggerOptions, FieldCheck>> = {
  name: text,
  scope: oneOf('session', 'bucket'),
  partitionBy: callable,
  filter: callable,
  deadline: duration,
  onDeadline: either(oneOf('fail', 'partial', 'discard'), record({ fallback: target }, ['fallback'])),
  onLate: oneOf('deadLetter', 'drop'),
  onSessionEnd: oneOf('flush', 'discard'),
  onOverflow: oneOf('reject', 'fireEarly', 'dropOldest', 'dropNewest'),
  onFault: oneOf('halt', 'skip'),
  dropCancelled: flag,
  since: either(
    oneOf('now', 'earliest'),
    record({ seq: whole(0, Number.MAX_SAFE_INTEGER) }, ['seq']),
    record({ time: whole(0, Number.MAX_SAFE_INTEGER) }, ['time']),
  ),
  order: oneOf('declared', 'arrival', 'key', 'eventTime'),
  maxPending: whole(1, 1_000_000),
  maxPendingBytes: whole(1, Number.MAX_SAFE_INTEGER),
  maxPartitions: whole(1, 100_000_000),
  expect: listOf(expectation),
}

/** The name of the function that a target stands for. */
export function targetName(target: Target): string {
  return typeof target === 'string' ? target : target.fn
}

/** The options with every default in place. Throws `STG_CONFIG_INVALID` and names the field. */
export function commonOptions(what: string, part: Part, input: TriggerOptions): CommonOptions {
  checkFields(what, input, optionChecks)
  checkHooks(what, part, input)
  const { onDeadline = 'fail' } = input
  return {
    scope: input.scope ?? part.scope,
    filter: input.filter as CommonOptions['filter'],
    partitionBy: input.partitionBy as CommonOptions['partitionBy'],
    deadlineMs: input.deadline,
    onDeadline: typeof onDeadline === 'object' ? { fallback: targetName(onDeadline.fallback) } : onDeadline,
    onLate: input.onLate ?? 'deadLetter',
    onSessionEnd: input.onSessionEnd ?? part.onSessionEnd,
    onOverflow: input.onOverflow ?? 'reject',
    onFault: input.onFault ?? 'halt',
    dropCancelled: input.dropCancelled ?? false,
    order: input.order ?? 'declared',
    since: input.since ?? 'now',
    maxPending: input.maxPending ?? 10_000,
    maxPendingBytes: input.maxPendingBytes ?? 64 * 1024 * 1024,
    maxPartitions: input.maxPartitions ?? 100_000,
    expect: (input.expect ?? []).map(withDefaults),
  }
}

function withDefaults({
  source,
  key,
  timeoutMs,
  maxAttempts = 3,
  backoffMs = 1_000,
  factor = 2,
}: Expected): Expectation {
  const own = { source: targetName(source), timeoutMs, maxAttempts, backoffMs, factor }
  return key === undefined ? own : { ...own, key }
}

/** Some policies need a hook that not every primitive has. */
function checkHooks(what: string, { trigger }: Part, { onOverflow, dropCancelled }: TriggerOptions): void {
  const field =
    onOverflow === 'dropOldest' ? 'onOverflow' : dropCancelled === true ? 'dropCancelled' : undefined
  if (field === undefined || trigger.onEvict !== undefined) return
  throw new StigmergyError(
    'STG_CONFIG_INVALID',
    `${what}: ${field} needs a primitive that can forget an object (with the hook onEvict).`,
    {
      details: { what, field },
    },
  )
}
