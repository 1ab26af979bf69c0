import { type DefinitionSite, definitionSite } from '../app/definition-site.js'
import { checkFields, record, whole } from '../app/fields.js'
import type { AnyPlugin, Plugin } from '../contract/plugin.js'
import { type ClusterConfig, defineCluster, type DefinedCluster } from '../cluster/cluster-config.js'
import type { AnyPrimitive, ClusterExchange, NodeExchange } from '../contract/index.js'
import type { Provision } from '../di/container.js'
import { type Token, tokenName, Tokens } from '../di/tokens.js'
import { checkCopy, markCopy } from '../copy.js'
import { StigmergyError } from '../errors.js'
import { checkWorkers, type CheckedWorkers, type WorkersConfig } from '../node/workers-config.js'
import { workerScope } from '../node/worker-scope.js'
import type { WorkerLimits } from '../worker/limits.js'
import { Registry } from './registry.js'

/** What a runtime is composed of. */
export interface RuntimeConfig {
  /** The trigger primitives that its apps may use: classes, and names of packages, all of whose primitives are meant. */
  readonly primitives?: readonly (AnyPrimitive | string)[]
  /** Plugins, and names of packages whose default export is one, or a function that gives one. */
  readonly plugins?: readonly (AnyPlugin | string)[]
  /** Replaces what stands behind a seam; see `Tokens`. */
  readonly provide?: readonly Provision[]
  /** Overrides of `defaultLimits`. */
  readonly limits?: Partial<WorkerLimits>
  /** Runs the functions in threads or processes. Default: on the event loop of whoever starts the runtime. */
  readonly workers?: WorkersConfig
  /** How workers exchange objects and messages: those of one machine by `node`. `stigmergy` has mapped files as its default. */
  readonly transports?: { readonly node?: NodeExchange }
  /** Makes the runtime a node of a cluster: `nats({ servers })`, or that and more about the cluster. */
  readonly cluster?: ClusterExchange | ClusterConfig
}

/** A checked config, from which any number of runtimes can be started. */
export interface RuntimeDefinition {
  readonly registry: Registry
  /** In the order in which they start. */
  readonly plugins: readonly Plugin[]
  readonly provide: readonly Provision[]
  readonly limits: Partial<WorkerLimits>
  /** Undefined for a runtime that runs all in one thread. */
  readonly workers: DefinedWorkers | undefined
  /** Undefined for a runtime of its own. */
  readonly cluster: DefinedCluster | undefined
  /** Where `defineRuntime` was called: what workers import when they need the config, too. */
  readonly site: DefinitionSite | undefined
  /** The packages that the config names. What they bring is not in here yet. */
  readonly packages: readonly string[]
  /**
   * The definition with what its packages bring, as `start` takes it; itself when it names none. They are found as an import in the
   * module of the config finds them. Rejects with `STG_CONFIG_PACKAGE`, and with all that `defineRuntime` throws.
   */
  complete(): Promise<RuntimeDefinition>
  /** The definition of a config that `change` makes of this one's. Throws as `defineRuntime` does. */
  with(change: (config: RuntimeConfig) => RuntimeConfig): RuntimeDefinition
}

/** Puts into a config what it leaves open. */
export type ConfigDefaults = (config: RuntimeConfig) => RuntimeConfig

/** Workers, checked and complete, and what joins them. */
export interface DefinedWorkers extends CheckedWorkers {
  readonly exchange: NodeExchange
}

const limitChecks: Record<keyof WorkerLimits, ReturnType<typeof whole>> = {
  slots: whole(1, 1_000_000),
  maxQueued: whole(1, 100_000_000),
  highWaterMark: whole(1, 100_000_000),
  maxDeadLetters: whole(1, 10_000_000),
  maxExplained: whole(0, 1_000_000),
  maxSessions: whole(1, 100_000_000),
  sessionTombstoneMs: whole(0, 31_536_000_000),
  maxTombstones: whole(0, 100_000_000),
  sessionIdleMs: whole(1, 31_536_000_000),
}

/**
 * Checks a composition and orders its plugins; starts nothing. Packages that it names are imported and checked by `start`. `defaults`
 * makes another function like this one of it, with more in place. Throws
 * `STG_CONFIG_INVALID`, `STG_CONFIG_NAME`, `STG_CONFIG_PLUGIN`, `STG_PRIMITIVE_INVALID` or `STG_CORE_COPIES`.
 */
export function defineRuntime(
  config: RuntimeConfig = {},
  defaults: ConfigDefaults = (given) => given,
): RuntimeDefinition {
  const site = definitionSite(defineRuntime)
  const definition = compose(config, defaults, site)
  workerScope()?.runtimeDefined(definition, site)
  return definition
}

function compose(
  given: RuntimeConfig,
  defaults: ConfigDefaults,
  site: DefinitionSite | undefined,
): RuntimeDefinition {
  const parts = check(defaults(given))
  const { packages } = parts
  const definition: RuntimeDefinition = {
    ...parts,
    site,
    complete: async () =>
      packages.length === 0 ? definition : compose(await unpacked(given, site), defaults, site),
    with: (change) => compose(change(given), defaults, site),
  }
  return markCopy(definition)
}

function check(config: RuntimeConfig): Omit<RuntimeDefinition, 'site' | 'complete' | 'with'> {
  const object = (value: unknown): string | undefined =>
    typeof value === 'object' && value !== null ? undefined : 'an object'
  const list = (value: unknown): string | undefined => (Array.isArray(value) ? undefined : 'a list')
  checkFields('the runtime config', config, {
    primitives: list,
    plugins: list,
    provide: list,
    limits: object,
    workers: object,
    cluster: object,
    transports: record({ node: (value) => exchangeCheck(value) }),
  })
  const { plugins = [], provide = [], limits = {} } = config
  checkFields('limits', limits, limitChecks)
  provide.forEach(checkProvision)
  const packages = [...(config.primitives ?? []), ...plugins].filter((part) => typeof part === 'string')
  const known = (withoutNames(plugins) as readonly Plugin[]).map(checkPlugin)
  if (!plugins.some((plugin) => typeof plugin === 'string')) checkNeeds(known, tokensOf(provide, known))
  const primitives = [
    ...withoutNames(config.primitives ?? []),
    ...known.flatMap((plugin) => plugin.primitives ?? []),
  ]
  return {
    registry: new Registry(primitives),
    plugins: inStartOrder(known),
    provide: inMakingOrder(provide),
    limits: given(limits),
    workers: definedWorkers(config, known),
    cluster: config.cluster === undefined ? undefined : defineCluster(config.cluster),
    packages,
  }
}

/** The config with parts in place of the names of packages. */
async function unpacked(config: RuntimeConfig, site: DefinitionSite | undefined): Promise<RuntimeConfig> {
  const { pluginOf, primitivesOf } = await import('./packages.js')
  const primitives = (config.primitives ?? []).map(async (part) =>
    typeof part === 'string' ? primitivesOf(part, site?.module) : [part],
  )
  const plugins = (config.plugins ?? []).map(async (part) =>
    typeof part === 'string' ? pluginOf(part, site?.module) : part,
  )
  return {
    ...config,
    primitives: (await Promise.all(primitives)).flat(),
    plugins: await Promise.all(plugins),
  }
}

function withoutNames<T>(parts: readonly (T | string)[]): readonly T[] {
  return parts.filter((part): part is T => typeof part !== 'string')
}

/** What plugins may need. */
function tokensOf(provide: readonly Provision[], plugins: readonly Plugin[]): ReadonlySet<symbol> {
  const provided = plugins.flatMap(({ provides }) => (provides === undefined ? [] : [provides]))
  return new Set<symbol>([...Object.values(Tokens), ...provide.map(({ token }) => token), ...provided])
}

function exchangeCheck(value: unknown): string | undefined {
  return typeof (value as NodeExchange | null)?.found === 'function'
    ? undefined
    : 'a node exchange such as mmap()'
}

/** The store of a runtime with workers is the one that they share, and its codec must be had by all of them. */
function definedWorkers(
  { workers, transports, provide = [] }: RuntimeConfig,
  plugins: readonly Plugin[],
): DefinedWorkers | undefined {
  if (workers === undefined) return undefined
  const checked = checkWorkers(workers)
  const exchange = transports?.node
  if (exchange === undefined)
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      'the runtime config: workers need transports.node, such as mmap() of @stigmergy/transport-mmap; the package stigmergy has it as its default.',
    )
  const given = [...provide.map(({ token }) => token), ...plugins.map(({ provides }) => provides)]
  if (given.includes(Tokens.ObjectStore))
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      'the runtime config: with workers the object store is that of transports.node; configure it there instead of providing Tokens.ObjectStore.',
    )
  if (plugins.some(({ provides }) => provides === Tokens.Codec))
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      'the runtime config: with workers, which make a codec of their own each, Tokens.Codec must be provided by provide and not by a plugin.',
    )
  return { ...checked, exchange }
}

/** The limits that are really set. */
function given(limits: Partial<WorkerLimits>): Partial<WorkerLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))
}

function checkProvision(provision: Provision): void {
  if (typeof provision?.token === 'symbol' && typeof provision.make === 'function')
    return checkCopy(`What is provided for ${nameOf(provision)}`, provision)
  throw new StigmergyError(
    'STG_CONFIG_INVALID',
    'the runtime config: provide must be a list of provide(token, value) and provideNew(token, make).',
  )
}

function checkPlugin(plugin: Plugin): Plugin {
  if (typeof plugin?.name === 'string' && plugin.name !== '') {
    checkCopy(`Plugin ${plugin.name}`, plugin)
    if (plugin.provides === undefined || plugin.start !== undefined) return plugin
    throw pluginError(
      `Plugin ${plugin.name} provides ${tokenName(plugin.provides)} and has no start that returns it.`,
      plugin,
    )
  }
  throw new StigmergyError(
    'STG_CONFIG_PLUGIN',
    'the runtime config: plugins must be a list of definePlugin({ name, … }).',
  )
}

function checkNeeds(plugins: readonly Plugin[], provided: ReadonlySet<symbol>): void {
  for (const plugin of plugins)
    for (const [name, need] of Object.entries(plugin.needs ?? {}))
      if (!provided.has(need))
        throw pluginError(
          `Plugin ${plugin.name} needs ${name} (${tokenName(need)}), which nobody provides; add the plugin that does, or provide() it.`,
          plugin,
        )
}

/** Of each seam the last provision, and those that others are made of before them. */
function inMakingOrder(provide: readonly Provision[]): readonly Provision[] {
  const last = new Map<symbol, Provision>(provide.map((provision) => [provision.token, provision]))
  const ordered = new Set<Provision>()
  for (const provision of last.values()) placeProvision(provision, last, ordered, [])
  return [...ordered]
}

function placeProvision(
  provision: Provision,
  all: ReadonlyMap<symbol, Provision>,
  ordered: Set<Provision>,
  above: readonly Provision[],
): void {
  if (ordered.has(provision)) return
  const path = [...above, provision]
  if (above.includes(provision)) throw unmet(`Parts are made of each other: ${path.map(nameOf).join(' → ')}.`)
  for (const [name, need] of Object.entries(provision.needs)) {
    const other = all.get(need)
    if (other !== undefined) placeProvision(other, all, ordered, path)
    else if (!defaults.has(need))
      throw unmet(`${nameOf(provision)} is made of ${name} (${tokenName(need)}), which nobody provides.`)
  }
  ordered.add(provision)
}

/** The seams that are filled without being provided. */
const defaults: ReadonlySet<symbol> = new Set(
  Object.values(Tokens).filter((seam) => seam !== Tokens.ObjectStore),
)

function nameOf({ token }: Provision): string {
  return tokenName(token)
}

function unmet(message: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_INVALID', `the runtime config: provide: ${message}`)
}

/** Providers before those who need them, else as written. A cycle or two of a kind is `STG_CONFIG_PLUGIN`. */
function inStartOrder(plugins: readonly Plugin[]): readonly Plugin[] {
  const providers = new Map<Token<unknown>, Plugin>()
  const names = new Set<string>()
  for (const plugin of plugins) {
    if (names.has(plugin.name)) throw pluginError(`Two plugins are called ${plugin.name}.`, plugin)
    names.add(plugin.name)
    const other = plugin.provides === undefined ? undefined : providers.get(plugin.provides)
    if (other !== undefined)
      throw pluginError(
        `Plugins ${other.name} and ${plugin.name} both provide ${tokenName(plugin.provides)}.`,
        plugin,
      )
    if (plugin.provides !== undefined) providers.set(plugin.provides, plugin)
  }
  const ordered = new Set<Plugin>()
  for (const plugin of plugins) place(plugin, providers, ordered, [])
  return [...ordered]
}

function place(
  plugin: Plugin,
  providers: ReadonlyMap<Token<unknown>, Plugin>,
  ordered: Set<Plugin>,
  above: readonly Plugin[],
): void {
  if (ordered.has(plugin)) return
  if (above.includes(plugin))
    throw pluginError(
      `Plugins need each other: ${[...above, plugin].map(({ name }) => name).join(' → ')}.`,
      plugin,
    )
  for (const need of Object.values(plugin.needs ?? {})) {
    const provider = providers.get(need)
    if (provider !== undefined) place(provider, providers, ordered, [...above, plugin])
  }
  ordered.add(plugin)
}

export function pluginError(
  message: string,
  { name }: { readonly name: string },
  cause?: unknown,
): StigmergyError {
  return new StigmergyError('STG_CONFIG_PLUGIN', message, {
    details: { plugin: name },
    ...(cause === undefined ? {} : { cause }),
  })
}
