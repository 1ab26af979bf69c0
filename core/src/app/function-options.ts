import { checkFields, duration, either, listOf, oneOf, record, whole, type FieldCheck } from './fields.js'
import type { BucketName } from './handles.js'

/** When a failed attempt is followed by another. */
export interface RetryOptions {
  /** Attempts after the first. */
  readonly max: number
  /** Pause before the first retry. Default 100. */
  readonly backoffMs?: number
  /** By which the pause grows. Default 2. */
  readonly factor?: number
}

export interface FunctionOptions {
  /** How many runs may overlap in one worker. Default unlimited. */
  readonly concurrency?: number
  /** After it an attempt has failed with `STG_FUNCTION_TIMEOUT` and its signal is aborted. Default none. */
  readonly timeoutMs?: number
  /**
   * In a runtime with workers: `any` (default) runs on one of them, `home` on the event loop of whoever has started the runtime, where it can
   * use what only lives there. What runs at home is not isolated: while it computes, nothing else is decided.
   */
  readonly runOn?: 'home' | 'any'
  /** Default 0. A number is `{ max: number }`. */
  readonly retries?: number | RetryOptions
  /**
   * The buckets that the function puts into. With them, triggers learn of a run that ended without putting anything, and
   * `Redundant` knows which runs it may cancel. Putting elsewhere stays allowed.
   */
  readonly puts?: readonly BucketName[]
}

/** Retry options with their defaults in place. */
export type Retries = Required<RetryOptions>

export function retriesOf({ retries = 0 }: FunctionOptions): Retries {
  const {
    max,
    backoffMs = 100,
    factor = 2,
  }: RetryOptions = typeof retries === 'number' ? { max: retries } : retries
  return { max, backoffMs, factor }
}

const bucket: FieldCheck = (value) =>
  typeof (value as { bucket?: unknown } | null)?.bucket === 'string'
    ? undefined
    : 'a bucket that app.bucket returned'

/** Throws `STG_CONFIG_INVALID`. */
export function checkFunctionOptions(what: string, options: FunctionOptions): void {
  checkFields(what, options, {
    concurrency: whole(1, 1_000_000),
    timeoutMs: duration,
    runOn: oneOf('home', 'any'),
    retries: either(
      whole(0, 1_000),
      record(
        {
          max: whole(0, 1_000),
          backoffMs: whole(0, 31_536_000_000),
          factor: (value) =>
            typeof value === 'number' && value >= 1 && value <= 100 ? undefined : 'a number from 1 to 100',
        },
        ['max'],
      ),
    ),
    puts: listOf(bucket),
  })
}
