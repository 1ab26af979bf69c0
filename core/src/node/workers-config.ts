import { checkFields, listOf, oneOf, text, whole } from '../app/fields.js'

/** The workers that run the functions of a runtime. */
export interface WorkersConfig {
  /** Threads share the process, and start fast; processes share nothing, and survive whatever happens to each other. */
  readonly kind: 'thread' | 'process'
  /** How many; usually one per core. 1 to 63. */
  readonly count: number
  /** ms for which the event loop of a worker may stand still, before the worker is ended and replaced. Default 60,000. */
  readonly maxBlockMs?: number
  /** MiB of heap of a worker; one that needs more is ended and replaced. Default: what Node allows. */
  readonly maxHeapMb?: number
  /** MiB of resident memory of a worker: above it, it gets nothing more, and is replaced when it has finished. Default none. */
  readonly recycleAboveMb?: number
  /** ms in which a worker must have imported its modules. Default 60,000. */
  readonly startMs?: number
  /**
   * URLs of modules that each worker imports before all else, such as a loader for TypeScript: threads of Node.js 20 do not take over those
   * of the main thread. Default none.
   */
  readonly preload?: readonly string[]
}

/** Workers with their defaults in place. */
export type CheckedWorkers = WorkersConfig & Required<Pick<WorkersConfig, 'maxBlockMs' | 'startMs'>>

/** Throws `STG_CONFIG_INVALID`. */
export function checkWorkers(workers: WorkersConfig): CheckedWorkers {
  const checks = {
    kind: oneOf('thread', 'process'),
    count: whole(1, 63),
    maxBlockMs: whole(100, 31_536_000_000),
    maxHeapMb: whole(16, 1_048_576),
    recycleAboveMb: whole(16, 1_048_576),
    startMs: whole(100, 31_536_000_000),
    preload: listOf(text),
  }
  checkFields('workers', workers, checks)
  checkFields('workers', { kind: workers.kind ?? null, count: workers.count ?? null }, checks)
  return { ...workers, maxBlockMs: workers.maxBlockMs ?? 60_000, startMs: workers.startMs ?? 60_000 }
}
