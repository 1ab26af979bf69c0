import type { App } from '../app/define-app.js'
import { checkFields, signal as abortSignal } from '../app/fields.js'
import { SteadyClock, SystemClock } from '../clock.js'
import { notSharable } from '../cluster/check-shared.js'
import { NearestAndLeastLoaded } from '../cluster/node-placement.js'
import { isShared } from '../cluster/shared-bucket.js'
import { joinCluster, type Membership } from '../cluster/join-cluster.js'
import { tellCluster } from '../cluster/tell-cluster.js'
import { CborCodec } from '../codec.js'
import type { FoundedNode } from '../contract/index.js'
import type { Plugin } from '../contract/plugin.js'
import { Parts } from '../di/container.js'
import { Tokens } from '../di/tokens.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import type { DefinedCluster } from '../cluster/cluster-config.js'
import type { SharedApp } from '../cluster/shard-state.js'
import { checkCopy } from '../copy.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { CountingIds } from '../ids.js'
import { LeastLoaded } from '../node/placement.js'
import { foundNode, makeHome } from '../node/start-workers.js'
import { workerScope } from '../node/worker-scope.js'
import { defaultLimits } from '../worker/limits.js'
import { FifoQueue } from '../worker/run-queue.js'
import { Worker } from '../worker/worker.js'
import { WorkerParts } from '../worker/worker-parts.js'
import { type DefinedWorkers, pluginError, type RuntimeDefinition } from './define-runtime.js'
import { EventStream } from './events.js'
import type { Runtime } from './face.js'
import { Owner } from './owner.js'
import { warningsOf } from './registry.js'
import { EmbeddedRuntime } from './runtime.js'

export interface StartOptions {
  /** Closes the runtime at once when it aborts. */
  readonly signal?: AbortSignal
}

/**
 * Starts apps on a runtime. Everything is checked before anything starts; when a plugin fails to start, those before it are
 * closed again. Throws `STG_CONFIG_*`, `STG_OPTIONS_INVALID`, `STG_PRIMITIVE_UNKNOWN`, `STG_FUNCTION_UNKNOWN`.
 */
export async function start(
  given: RuntimeDefinition,
  apps: App | readonly App[],
  options: StartOptions = {},
): Promise<Runtime> {
  // A worker imports what defines its apps. That may be the program itself, which must not start once more.
  if (workerScope() !== undefined) return new Promise<never>(() => undefined)
  checkDefinition(given)
  const definition = await given.complete()
  checkFields('start', options, { signal: abortSignal })
  const { signal } = options
  const list = checkedApps(apps)
  const manifests = list.map((app) => app.manifest)
  const triggers = manifests.map((manifest) => definition.registry.triggersOf(manifest))
  const [error] = definition.cluster === undefined ? [] : notSharable(triggers.flat())
  if (error !== undefined) throw error
  signal?.throwIfAborted()
  const owner = new Owner()
  try {
    const assembled = await assemble(definition, owner)
    signal?.throwIfAborted()
    const { parts, node } = assembled
    const home =
      node === undefined ? undefined : await makeHome(withWorkers(definition), list, node, parts, owner)
    const worker = new Worker(parts.make(WorkerParts), home?.crew)
    const { cluster } = definition
    manifests.forEach((manifest, at) =>
      worker.addApp(manifest, cluster === undefined ? triggers[at]! : triggersAtHome(triggers[at]!)),
    )
    await home?.fleet.start()
    const shared = new Map(
      manifests.map((manifest, at) => [
        manifest.name,
        { manifest, triggers: triggers[at]!, codec: worker.codec },
      ]),
    )
    const membership =
      cluster === undefined ? undefined : await join(cluster, worker, shared, parts, owner, signal)
    signal?.throwIfAborted()
    const warnings = warningsOf(triggers.flat())
    const runtime = new EmbeddedRuntime(worker, definition.registry, owner, warnings, home?.fleet, membership)
    closeOnAbort(runtime, owner, signal)
    return runtime
  } catch (error) {
    await owner.close().catch((closing: unknown) => process.emitWarning(asError(closing)))
    throw error
  }
}

/** Triggers that are decided where a session is at home; those of bucket scope that are not shared are so for each session. */
function triggersAtHome(triggers: readonly TriggerDefinition[]): readonly TriggerDefinition[] {
  return triggers
    .filter((definition) => !isShared({ definition }))
    .map((definition) => ({ ...definition, common: { ...definition.common, scope: 'session' } }))
}

function join(
  definition: DefinedCluster,
  worker: Worker,
  apps: ReadonlyMap<string, SharedApp>,
  parts: Parts,
  owner: Owner,
  signal: AbortSignal | undefined,
): Promise<Membership> {
  const { slots } = parts.get(Tokens.Limits)
  return joinCluster(
    {
      definition,
      worker,
      apps,
      codec: parts.get(Tokens.Codec),
      ids: parts.get(Tokens.Ids),
      clock: parts.get(Tokens.Clock),
      steadyClock: parts.get(Tokens.SteadyClock),
      placement: parts.get(Tokens.NodePlacement),
      slots: slots * Math.max(1, worker.elsewhere?.workers ?? 1),
      onEvent: (event) => tellCluster(parts.get(Tokens.Events), worker.clock.now(), event),
    },
    owner,
    signal,
  )
}

/** The parts of one runtime: defaults, then what the config provides, then what plugins do. */
async function assemble(
  definition: RuntimeDefinition,
  owner: Owner,
): Promise<{ readonly parts: Parts; readonly node: FoundedNode | undefined }> {
  const { provide, plugins, limits, workers } = definition
  const parts = new Parts()
  parts.set(Tokens.Clock, new SystemClock())
  parts.set(Tokens.Ids, new CountingIds())
  parts.set(Tokens.Codec, new CborCodec())
  parts.set(Tokens.RunQueue, new FifoQueue())
  parts.set(Tokens.Placement, new LeastLoaded())
  parts.set(Tokens.SteadyClock, new SteadyClock())
  parts.set(Tokens.NodePlacement, new NearestAndLeastLoaded())
  parts.set(Tokens.Events, new EventStream())
  parts.set(Tokens.Limits, { ...defaultLimits, ...limits })
  for (const { token, isNew, needs, make } of provide) {
    const part = make(parts.meet(needs) as never)
    parts.set(token, isNew ? owner.own(part) : part)
  }
  const node = workers === undefined ? undefined : await foundNode(withWorkers(definition), parts, owner)
  if (!parts.has(Tokens.ObjectStore) && !plugins.some(({ provides }) => provides === Tokens.ObjectStore))
    throw withoutStore()
  for (const plugin of plugins) await startPlugin(plugin, parts, owner)
  return { parts, node }
}

function withWorkers(
  definition: RuntimeDefinition,
): RuntimeDefinition & { readonly workers: DefinedWorkers } {
  return definition as RuntimeDefinition & { readonly workers: DefinedWorkers }
}

function withoutStore(): StigmergyError {
  return new StigmergyError(
    'STG_CONFIG_INVALID',
    'Nobody provides Tokens.ObjectStore; provide one, or use defineRuntime of the package stigmergy, which has a default.',
  )
}

async function startPlugin(plugin: Plugin, parts: Parts, owner: Owner): Promise<void> {
  if (plugin.start === undefined) return
  const needs = parts.meet(plugin.needs ?? {})
  let part: unknown
  try {
    part = owner.own(await plugin.start(needs as never))
  } catch (cause) {
    throw pluginError(
      `Plugin ${plugin.name} did not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      plugin,
      cause,
    )
  }
  if (plugin.provides !== undefined) parts.set(plugin.provides, part)
}

function checkDefinition(definition: unknown): void {
  const { registry } = (definition ?? {}) as Partial<RuntimeDefinition>
  if (typeof registry?.triggersOf === 'function') return checkCopy('The runtime', definition as object)
  throw new TypeError('start(definition, apps): definition must be what defineRuntime returned')
}

function checkedApps(apps: App | readonly App[]): readonly App[] {
  const list: readonly App[] = Array.isArray(apps) ? (apps as readonly App[]) : [apps as App]
  const names = new Set<string>()
  for (const app of list) {
    if (typeof app?.manifest?.name !== 'string')
      throw new TypeError('start(definition, apps): apps must be what defineApp returned')
    checkCopy(`App ${app.name}`, app)
    if (names.has(app.name))
      throw new StigmergyError('STG_CONFIG_NAME', `Two apps are called ${JSON.stringify(app.name)}.`, {
        details: { name: app.name },
      })
    names.add(app.name)
  }
  return list
}

function closeOnAbort(runtime: EmbeddedRuntime, owner: Owner, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const close = (): void => void runtime.close({ now: true }).catch(() => undefined)
  signal.addEventListener('abort', close, { once: true })
  owner.own({ [Symbol.dispose]: () => signal.removeEventListener('abort', close) })
}
