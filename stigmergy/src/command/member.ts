import type { Command } from 'commander'
import { type App, type Runtime, type RuntimeDefinition, start } from 'stigmergy'
import { asMember, clusterOf, type Role } from './cluster/clustered.js'
import { type HealthAddress, healthAddress, HealthServer } from './cluster/health.js'
import { Member } from './cluster/member.js'
import type { Desk } from './desk.js'
import { unusable } from './import-file.js'
import { Interrupt } from './interrupt.js'
import { appArgument, loadApp } from './load-app.js'
import { type LoadedConfig, loadConfig, withConfig } from './load-config.js'
import { wholeNumber } from './numbers.js'

interface Options {
  readonly config?: string
  readonly name?: string
  readonly health?: HealthAddress
  readonly drainMs: number
}

/** `stigmergy node`: a member of a cluster that runs functions. */
export function addNode(program: Command, desk: Desk): void {
  const command = program
    .command('node')
    .summary('run functions of apps for a cluster')
    .description(
      'Runs functions of apps as a node of a cluster, until it is told to end; coordinates, too, if the config says so.',
    )
  withMember(command, desk, { node: true })
}

/** `stigmergy coordinator`: a member of a cluster that only coordinates. */
export function addCoordinator(program: Command, desk: Desk): void {
  const command = program
    .command('coordinator')
    .summary('coordinate the nodes of a cluster')
    .description('Coordinates the nodes of a cluster, until it is told to end; runs no functions itself.')
  withMember(command, desk, { node: false, coordinator: true })
}

function withMember(command: Command, desk: Desk, role: Role): void {
  withConfig(command)
    .argument('[apps...]', `${appArgument} (default: the apps that the config exports)`)
    .option('--name <name>', 'what people call this member (default: as in the config, or the host)')
    .option(
      '--health <address>',
      'answer /healthz and /readyz at [host:]port; 127.0.0.1 is the host by default',
      healthAddress,
    )
    .option('--drain-ms <ms>', 'how long sessions may take to end once it is told to', wholeNumber, 30_000)
    .action((apps: readonly string[], options: Options) => runMember(desk, apps, options, role))
}

async function runMember(
  desk: Desk,
  addresses: readonly string[],
  options: Options,
  role: Role,
): Promise<void> {
  const config = await loadConfig(options.config)
  const { name } = options
  const definition = asMember(config, name === undefined ? role : { ...role, name })
  const apps = await appsFor(addresses, config)
  using interrupt = new Interrupt()
  interrupt.wantsEndNow.addEventListener('abort', () => process.exit(interrupt.exitCode))
  using member = new Member(name ?? clusterOf(config).name!, desk)
  await using health =
    options.health === undefined ? undefined : await HealthServer.listen(options.health, member)
  if (health !== undefined)
    member.say('health', `health: ${health.url}/healthz and /readyz`, { url: health.url })
  await serve(definition, apps, member, interrupt, options.drainMs)
}

/** Resolves when it has left. */
async function serve(
  definition: RuntimeDefinition,
  apps: readonly App[],
  member: Member,
  { wantsEnd }: Interrupt,
  drainMs: number,
): Promise<void> {
  const runtime = await startUnless(definition, apps, wantsEnd)
  if (runtime !== undefined) {
    member.joined(runtime)
    await ended(wantsEnd)
    member.draining()
    await runtime.close({ drainMs })
  }
  member.left()
}

/** Undefined when the signal has come first. */
async function startUnless(
  definition: RuntimeDefinition,
  apps: readonly App[],
  signal: AbortSignal,
): Promise<Runtime | undefined> {
  const starting = new AbortController()
  const giveUp = (): void => starting.abort(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await start(definition, apps, { signal: starting.signal })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** The apps that are named, or those of the config. Rejects with `STG_CONFIG_MODULE` when there are none. */
async function appsFor(addresses: readonly string[], { file, apps }: LoadedConfig): Promise<readonly App[]> {
  if (addresses.length > 0) return Promise.all(addresses.map(loadApp))
  if (apps.length > 0) return apps
  throw unusable(
    `No app is named, and ${file} exports none: name modules that export what defineApp returned, or export the apps in the config, such as export { orders } from './orders.js'.`,
    file ?? '',
  )
}
