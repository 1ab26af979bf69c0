import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Input } from '@stigmergy/records'
import { z } from 'zod'
import { configError } from './errors.js'

/** How far a run is: bytes of input that are mapped, or partitions that are reduced. */
export interface Progress {
  readonly phase: 'map' | 'reduce'
  readonly done: number
  readonly total: number
}

/** What to read, with what. */
export interface JobOptions {
  readonly input: Input
  /** 1 to 10,000. Default: 8 with `combine`, else so many that each fits well into memory, at most 512. */
  readonly partitions?: number
  /** Bytes for all tasks that run at a time, besides what their processes need anyway; at least 65,536. Default 256 MiB. */
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

/** The options with their defaults. */
export type CheckedOptions = z.output<typeof schema>

const isInput = (value: unknown): value is Input =>
  (typeof value === 'string' && value !== '') ||
  (typeof value === 'object' && value !== null && (Array.isArray(value) || Symbol.asyncIterator in value))
const schema = z.strictObject({
  input: z.custom<Input>(isInput, 'must be a path, a glob, a list of them or an async iterable of bytes'),
  partitions: z.int().min(1).max(10_000).optional(),
  memoryBytes: z
    .int()
    .min(65_536)
    .default(256 * 2 ** 20),
  chunkBytes: z.int().min(1).optional(),
  temporary: z.string().min(1).default(tmpdir),
  unreadable: z.enum(['fail', 'skip']).default('fail'),
  signal: z.instanceof(AbortSignal).default(() => new AbortController().signal),
  onProgress: z
    .custom<JobOptions['onProgress']>((value) => typeof value === 'function', 'must be a function')
    .optional(),
})

/** Throws `STG_CONFIG_INVALID`. */
export function checkedOptions(given: JobOptions): CheckedOptions {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw configError(['options', ...path].join('.'), `is wrong: ${message}`)
}

/** Where results go: a file for each partition, in an empty or new folder; one file, without `reduce` and `output`; or a function. */
export type Output<K, R> =
  { readonly folder: string } | { readonly file: string } | ((key: K, result: R) => void | Promise<void>)

/** Throws `STG_CONFIG_INVALID`. */
export async function checkOutput(output: object, definition: object): Promise<void> {
  const { folder, file } = (output ?? {}) as { readonly folder?: unknown; readonly file?: unknown }
  if ((typeof folder === 'string') === (typeof file === 'string'))
    throw configError('options.output', 'must be { folder }, { file } or a function')
  if (typeof file === 'string' && ('reduce' in definition || 'output' in definition))
    throw configError('options.output', 'can be { file } only without reduce and output: use { folder }')
  if (typeof folder === 'string' && (await readdir(folder).catch(() => [])).length > 0)
    throw configError('options.output', `must be a folder that is empty or new, but ${folder} is not`)
}
