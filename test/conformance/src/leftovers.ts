import { until } from './waiting.js'

/** Runs `use` and expects that afterwards the process holds no more timers and handles open than before. */
export async function leavesNothing(deadlineMs: number, use: () => Promise<void>): Promise<void> {
  const before = openResources()
  await use()
  let left: readonly string[] = []
  const clean = (): boolean => {
    left = added(before, openResources())
    return left.length === 0
  }
  await until(clean, deadlineMs, () => `The end of what is left open (${left.join(', ')})`)
}

/** How many resources of each kind keep the process alive. */
function openResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

function added(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): readonly string[] {
  return [...after].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind)
}
