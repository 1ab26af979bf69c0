import type { AppManifest } from '../app/define-app.js'
import type { DefinitionSite } from '../app/definition-site.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { RuntimeDefinition } from '../runtime/define-runtime.js'
import type { AppAddress, WorkerOrders } from './control.js'
import { enterWorkerScope } from './worker-scope.js'

/** What a worker has of the program that started it. */
export interface Definitions {
  readonly apps: readonly AppManifest[]
  readonly definition: RuntimeDefinition | undefined
}

/**
 * Imports the modules that define the apps and the config. A module may go on to start a runtime: in a worker that never returns, so
 * its import may never end. What counts is that the definitions come.
 */
export async function importDefinitions({
  apps,
  config,
}: Pick<WorkerOrders, 'apps' | 'config'>): Promise<Definitions> {
  const defined = new Map<string, AppManifest>()
  let definition: RuntimeDefinition | undefined
  let heard: () => void = () => undefined
  enterWorkerScope({
    appDefined: ({ name, manifest }) => {
      defined.set(name, manifest)
      heard()
    },
    runtimeDefined: (found, site) => {
      if (config !== undefined && site !== undefined && isSame(site, config)) definition = found
      heard()
    },
  })
  for (const { name, module } of apps)
    await imported(module, `app ${JSON.stringify(name)}`, () => defined.has(name))
  if (config !== undefined)
    await imported(config.module, `the config of line ${config.line}`, () => definition !== undefined)
  return { apps: apps.map(({ name }: AppAddress) => defined.get(name)!), definition }

  async function imported(module: string, what: string, isThere: () => boolean): Promise<void> {
    if (isThere()) return
    const there = new Promise<void>((resolve) => {
      heard = () => {
        if (isThere()) resolve()
      }
    })
    const importing = import(module).then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    )
    const failed = await Promise.race([there, importing])
    // What a module does after its definitions is not this worker's concern.
    if (!isThere()) throw notDefined(what, module, failed ?? undefined)
  }
}

function isSame(a: DefinitionSite, b: DefinitionSite): boolean {
  return a.module === b.module && a.line === b.line && a.column === b.column
}

function notDefined(what: string, module: string, failed?: { readonly cause: unknown }): StigmergyError {
  const why = failed === undefined ? '' : `: ${asError(failed.cause).message}`
  return new StigmergyError(
    'STG_WORKER_APP',
    `Importing ${module} in a worker did not define ${what}${why}. Define it at the top level of a module that can be imported anywhere.`,
    { ...failed, details: { module } },
  )
}
