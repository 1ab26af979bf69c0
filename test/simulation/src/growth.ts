import { markdownTable } from 'markdown-table'
import { calmPlan } from './plans.js'
import { Trial, type TrialResult } from './trial.js'

/** A cluster whose costs are looked at. */
interface Size {
  readonly nodes: number
  readonly coordinators: number
  readonly sessions: number
}

/** A few nodes, the setting of the talk, the same with more to do, and many nodes. */
function sizesFor(sessions: number): readonly Size[] {
  return [
    { nodes: 3, coordinators: 1, sessions },
    { nodes: 51, coordinators: 8, sessions },
    { nodes: 51, coordinators: 8, sessions: sessions * 4 },
    { nodes: 1_000, coordinators: 8, sessions },
  ]
}

const head = [
  'nodes',
  'coordinators',
  'sessions',
  'firings',
  'messages per firing',
  'of them to coordinators',
  'records per firing',
  'busiest coordinator',
  'busiest node',
]

/** What a firing costs in clusters of several sizes, as a table in Markdown. Says on stderr how far it is. Throws when one is not as it should be. */
export async function growthOf(sessions: number): Promise<string> {
  const rows: string[][] = []
  for (const size of sizesFor(sessions)) rows.push(rowOf(size, await resultOf(size)))
  return markdownTable([head, ...rows], { align: head.map(() => 'r') })
}

async function resultOf({ nodes, coordinators, sessions }: Size): Promise<TrialResult> {
  const trial = new Trial(calmPlan(nodes, coordinators, sessions))
  const say = (): void =>
    console.error(
      `${nodes} nodes, ${coordinators} coordinators, ${sessions} sessions: ${seconds(trial.elapsed)} s of their time`,
    )
  const timer = setInterval(say, 5_000)
  try {
    const result = await trial.run()
    say()
    if (result.problems.length > 0) throw new Error(result.problems.join('\n'))
    return result
  } finally {
    clearInterval(timer)
  }
}

function rowOf(
  { nodes, coordinators, sessions }: Size,
  { firings, frames, coordinatorLoads, sessionsPerNode }: TrialResult,
): string[] {
  const received = coordinatorLoads.map((load) => load.received)
  const written = coordinatorLoads.map((load) => load.written)
  return [
    ...[nodes, coordinators, sessions, firings].map((count) => count.toLocaleString('en')),
    ...[frames / firings, sum(received) / firings, sum(written) / firings].map((figure) => figure.toFixed(2)),
    ...[received, sessionsPerNode].map((loads) => `${busiest(loads).toFixed(2)} × mean`),
  ]
}

function busiest(loads: readonly number[]): number {
  return Math.max(...loads) / (sum(loads) / loads.length)
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0)
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(0)
}
