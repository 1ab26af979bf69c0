import { type App, defineRuntime, type Runtime, start, type WorkersConfig } from 'stigmergy'
import { type Effort, ours, type Probe, probe, type Subject } from '../case.js'

/** What workers are. */
export type WorkerKind = WorkersConfig['kind']

/** Why our subjects cannot be measured; undefined as soon as the workers of a node exchange through mapped files. */
export const notYet: string | undefined = 'the mapped store is not built yet'

/** A runtime with workers that runs one app; until they are built, one without. */
export function startOn(kind: WorkerKind, count: number, app: App): Promise<Runtime> {
  return start(defineRuntime(notYet === undefined ? { workers: { kind, count } } : {}), app)
}

/** What one of our subjects is, besides its app. */
export interface OwnSubject {
  readonly name?: string
  readonly kind: WorkerKind
  readonly count: number
  readonly app: App
  /** Does a batch of operations and returns its figures. */
  readonly batch: (runtime: Runtime, effort: Effort) => Promise<readonly number[]>
}

/** A subject of ours: an app on workers. */
export function ourSubject({ name = ours, kind, count, app, batch }: OwnSubject): Subject {
  return {
    name,
    missing: () => notYet,
    open: async (effort): Promise<Probe> => {
      const runtime = await startOn(kind, count, app)
      return probe(
        () => batch(runtime, effort),
        () => runtime.close({ now: true }),
      )
    },
  }
}
