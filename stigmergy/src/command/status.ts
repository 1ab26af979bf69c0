import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import {
  type ClusterClient,
  type ClusterConfig,
  type ClusterStatus,
  connect,
  type KnownMember,
  StigmergyError,
} from 'stigmergy'
import { clusterOf } from './cluster/clustered.js'
import { natsAt } from './cluster/find-nats.js'
import { statusText } from './cluster/status-text.js'
import type { Desk } from './desk.js'
import { loadConfig, withConfig } from './load-config.js'
import { wholeNumber } from './numbers.js'

interface Options {
  readonly config?: string
  readonly server?: string
  readonly cluster?: string
  readonly timeoutMs: number
  readonly nodes?: number
  readonly waitMs: number
}

/** More shards than any cluster has. */
const mostShards = 65_536

/** How long to wait before the cluster is looked at again, in ms. */
const pauseMs = 200

/** `stigmergy status`: what a cluster is and does at this moment. */
export function addStatus(program: Command, desk: Desk): void {
  const command = program
    .command('status')
    .summary('show the members and shards of a cluster')
    .description(
      'Shows nodes, coordinators, shards and shared triggers of a cluster at this moment. Starts nothing.',
    )
  withConfig(command)
    .option('--server <url>', 'the servers, instead of those of a config')
    .option('--cluster <name>', 'the cluster (default: as in the config, or default)')
    .option('--timeout-ms <ms>', 'how long members may take to answer', wholeNumber, 5_000)
    .option('--nodes <n>', 'wait until so many nodes answer and every shard is held', wholeNumber)
    .option('--wait-ms <ms>', 'how long to wait for them', wholeNumber, 60_000)
    .action((options: Options) => tellStatus(desk, options))
}

async function tellStatus(desk: Desk, options: Options): Promise<void> {
  const config = await configFor(options)
  await using client = await connect(config)
  const status = await statusOnce(client, options)
  checkAnswered(status, config.cluster ?? 'default')
  await desk.result(statusText(status), status)
}

/** The status, once it is as the caller wants it. Rejects with `STG_CLUSTER_UNAVAILABLE` when that takes too long. */
async function statusOnce(client: ClusterClient, { nodes = 0, waitMs }: Options): Promise<ClusterStatus> {
  const end = performance.now() + waitMs
  for (;;) {
    const all = await client.status()
    const status = { ...all, shards: all.shards.filter(({ epoch }) => epoch > 0) }
    if (nodes === 0 || isComplete(status, nodes)) return status
    if (performance.now() > end) throw incomplete(status, nodes, waitMs)
    await sleep(pauseMs)
  }
}

function isComplete({ nodes, shards }: ClusterStatus, wanted: number): boolean {
  return answering(nodes) >= wanted && shards.length > 0 && shards.every(({ status }) => status !== undefined)
}

function answering(members: readonly KnownMember[]): number {
  return members.filter(({ answers }) => answers).length
}

function incomplete({ nodes, shards }: ClusterStatus, wanted: number, waitMs: number): StigmergyError {
  const held = shards.filter(({ status }) => status !== undefined).length
  return new StigmergyError(
    'STG_CLUSTER_UNAVAILABLE',
    `After ${waitMs} ms ${answering(nodes)} of ${wanted} nodes answer, and ${held} of ${shards.length} shards are held.`,
    { retryable: true, details: { nodes: answering(nodes), held } },
  )
}

async function configFor({ config, server, cluster, timeoutMs }: Options): Promise<ClusterConfig> {
  const known: ClusterConfig =
    server === undefined
      ? clusterOf(await loadConfig(config))
      : { exchange: await natsAt(server, process.cwd()), shards: mostShards }
  const { values: _unused, ...others } = known
  return { ...others, callMs: Math.max(100, timeoutMs), ...(cluster === undefined ? {} : { cluster }) }
}

/** Throws `STG_CLUSTER_UNAVAILABLE`. */
function checkAnswered({ nodes, coordinators }: ClusterStatus, cluster: string): void {
  const members = [...nodes, ...coordinators]
  if (members.some(({ answers }) => answers)) return
  const why = members.length === 0 ? 'has no members' : `has ${members.length} members, none of which answers`
  throw new StigmergyError(
    'STG_CLUSTER_UNAVAILABLE',
    `The cluster ${cluster} ${why}: start some with stigmergy node, or name another cluster.`,
    { retryable: true, details: { cluster } },
  )
}
