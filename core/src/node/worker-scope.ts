import type { App } from '../app/define-app.js'
import type { DefinitionSite } from '../app/definition-site.js'
import type { RuntimeDefinition } from '../runtime/define-runtime.js'

/** A worker that imports modules to have apps and a config defined. It hears of them, and starts nothing that they start. */
export interface WorkerScope {
  appDefined(app: App): void
  runtimeDefined(definition: RuntimeDefinition, site: DefinitionSite | undefined): void
}

/** On the global object, because the modules that a worker imports may bring a second copy of this package. */
const slot = Symbol.for('stigmergy.worker-scope')

/** The worker that this thread is; undefined in a thread that starts runtimes. */
export function workerScope(): WorkerScope | undefined {
  return (globalThis as { [slot]?: WorkerScope })[slot]
}

/** Makes this thread a worker. */
export function enterWorkerScope(scope: WorkerScope): void {
  Object.defineProperty(globalThis, slot, { value: scope })
}
