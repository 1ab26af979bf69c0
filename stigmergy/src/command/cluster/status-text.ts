import type { ClusterStatus, KnownMember, KnownShardStatus } from 'stigmergy'
import { counted } from '../counted.js'

/** A row, with what stands above each cell. */
type Row = Readonly<Record<string, string | number>>

/** The status of a cluster for people: a summary, and a table each of nodes, coordinators, shards and shared triggers. */
export function statusText({ nodes, coordinators, shards }: ClusterStatus): string {
  const held = shards.filter(({ owner }) => owner !== '')
  const summary = [
    counted(nodes.length, 'node'),
    counted(coordinators.length, 'coordinator'),
    `${held.length} of ${counted(shards.length, 'shard')} held`,
    `${sumOf(shards, 'sessions')} open sessions`,
    `${sumOf(shards, 'firings')} pending firings`,
  ]
  const tables = [
    byId(nodes).map(nodeRow),
    byId(coordinators).map((each) => coordinatorRow(each, shards)),
    shards.map(shardRow),
    shards.flatMap(triggerRows),
  ]
  return [summary.join(', '), ...tables.filter((rows) => rows.length > 0).map(table)].join('\n\n')
}

function nodeRow({ id, answers, running, slots, queued, sessions, apps }: KnownMember): Row {
  return {
    node: id,
    running,
    free: Math.max(0, slots - running),
    queued,
    sessions,
    apps: apps.length === 0 ? 'takes no more work' : apps.join(' '),
    answers: answers ? 'yes' : 'no',
  }
}

function coordinatorRow({ id, answers }: KnownMember, shards: readonly KnownShardStatus[]): Row {
  const own = shards.filter(({ owner }) => owner === id)
  return {
    coordinator: id,
    shards: own.length,
    sessions: sumOf(own, 'sessions'),
    firings: sumOf(own, 'firings'),
    waiting: sumOf(own, 'waiting'),
    answers: answers ? 'yes' : 'no',
  }
}

function shardRow({ shard, owner, epoch, status }: KnownShardStatus): Row {
  const { sessions = '?', firings = '?', waiting = '?' } = status ?? {}
  return { shard, owner: owner === '' ? 'nobody' : owner, epoch, sessions, firings, waiting }
}

function triggerRows({ shard, status }: KnownShardStatus): readonly Row[] {
  return (status?.triggers ?? []).map(({ app, trigger, partitions, ledger }) => {
    const { admitted, fired, pending } = ledger
    return { trigger: `${app}: ${trigger}`, shard, partitions, admitted, fired, pending }
  })
}

function byId(members: readonly KnownMember[]): readonly KnownMember[] {
  return [...members].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function sumOf(shards: readonly KnownShardStatus[], what: 'sessions' | 'firings' | 'waiting'): number {
  return shards.reduce((sum, { status }) => sum + (status?.[what] ?? 0), 0)
}

/** Columns as wide as their widest cells; numbers stand at the right. */
function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]!)
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)))
  const line = (cells: readonly (string | number)[], like: Row): string =>
    cells
      .map((cell, at) => {
        const text = String(cell)
        return typeof like[names[at]!] === 'number' ? text.padStart(widths[at]!) : text.padEnd(widths[at]!)
      })
      .join('  ')
      .trimEnd()
  return [line(names, rows[0]!), ...rows.map((row) => line(Object.values(row), row))].join('\n')
}
