import { type App, defineRuntime, type Runtime, start, type WorkersConfig } from 'stigmergy'
import { type Effort, ours, type Probe, probe, type Subject } from '../case.js'

/** What workers are. */
export type WorkerKind = WorkersConfig['kind']

/** A runtime with workers that runs one app. */
export function startOn(kind: WorkerKind, count: number, app: App): Promise<Runtime> {
  return start(defineRuntime({ workers: { kind, count } }), app)
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
    open: async (effort): Promise<Probe> => {
      const runtime = await startOn(kind, count, app)
      return probe(
        () => batch(runtime, effort),
        () => runtime.close({ now: true }),
      )
    },
  }
}
