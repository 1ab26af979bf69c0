import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Definition, Input, Target } from '@stigmergy/records'
import { z } from 'zod'
import { checked, configError } from './errors.js'

/** How far a run is: bytes of input that are mapped, or partitions that are reduced. */
export interface Progress {
  readonly phase: 'map' | 'reduce'
  readonly done: number
  readonly total: number
}

/** What to read, with what. */
export interface JobOptions {
  readonly input: Input
  /** 1 to 10,000. Default: so many that each fits well into memory, at most 512; with `combine`, one for 2 MiB of input, at most 32. */
  readonly partitions?: number
  /**
   * Bytes for all tasks that run at a time, besides what their processes need anyway. Default 256 MiB. Less than 4 MiB for each worker,
   * which are 2 MiB for each of its two tasks, counts as that: smaller tasks would cost more time than they save memory.
   */
  readonly memoryBytes?: number
  /** Bytes of input for a map task. Default: a 64th, but at least 1 MiB, and not more than fits into memory. */
  readonly chunkBytes?: number
  /** A folder that all workers see, for what does not fit into memory. Default: that of the system. */
  readonly temporary?: string
  /** Files that cannot be read fail the job (default), or are left out and told of. */
  readonly unreadable?: 'fail' | 'skip'
  /** Cancels the run. */
  readonly signal?: AbortSignal
  /** Called when a task has ended; not for a run by the client of a cluster. */
  readonly onProgress?: (progress: Progress) => void
}

/** Where results go: a file for each partition, in an empty or new folder; one file, without `reduce` and `output`; or a function. */
export type Output<K, R> =
  { readonly folder: string } | { readonly file: string } | ((key: K, result: R) => void | Promise<void>)

/** The options with their defaults. */
export type CheckedOptions = z.output<typeof optionsSchema>

const optionsSchema = z.strictObject({
  input: z.custom<Input>(isInput, 'must be a path, a glob, a list of them or an async iterable of bytes'),
  partitions: whole(10_000).optional(),
  memoryBytes: whole(Number.MAX_SAFE_INTEGER).default(256 * 2 ** 20),
  chunkBytes: whole(Number.MAX_SAFE_INTEGER).optional(),
  temporary: path('must be the path of a folder').default(tmpdir),
  unreadable: z.enum(['fail', 'skip'], "must be 'fail' or 'skip'").default('fail'),
  signal: z
    .instanceof(AbortSignal, { error: 'must be an AbortSignal' })
    .default(() => new AbortController().signal),
  onProgress: z
    .custom<JobOptions['onProgress']>((value) => typeof value === 'function', 'must be a function')
    .optional(),
})

const placeSchema = z.union(
  [z.strictObject({ folder: path() }), z.strictObject({ file: path() })],
  'must be { folder }, { file } or a function',
)

/** Throws `STG_CONFIG_INVALID`. */
export function checkedOptions(given: JobOptions): CheckedOptions {
  return checked(optionsSchema, given, 'options')
}

/** Throws `STG_CONFIG_INVALID`. */
export async function checkedPlace<Record, K, V, R>(
  given: unknown,
  { reduce, output }: Definition<Record, K, V, R>,
): Promise<Exclude<Target, 'caller'>> {
  const place = checked(placeSchema, given, 'options.output')
  if ('file' in place && (reduce ?? output) !== undefined)
    throw configError('options.output', 'can be { file } only without reduce and output: use { folder }')
  if ('folder' in place && (await readdir(place.folder).catch(() => [])).length > 0)
    throw configError('options.output', `must be a folder that is empty or new, but ${place.folder} is not`)
  return place
}

function isInput(value: unknown): boolean {
  if (typeof value === 'string') return value !== ''
  return (
    typeof value === 'object' && value !== null && (Array.isArray(value) || Symbol.asyncIterator in value)
  )
}

function whole(most: number): z.ZodNumber {
  const rule = `must be a whole number from 1 to ${most.toLocaleString('en')}`
  return z.int(rule).min(1, rule).max(most, rule)
}

function path(rule?: string): z.ZodString {
  return z.string(rule).min(1, rule)
}
