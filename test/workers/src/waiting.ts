import type { Runtime } from 'stigmergy'

/** Waits until the condition holds; throws when it does not within a minute. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
  const end = performance.now() + 60_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`This did not come to hold: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Waits until there are so many workers at work. */
export async function staffed(runtime: Runtime, count = 2): Promise<void> {
  const working = (): number => runtime.workers.filter(({ state }) => state === 'working').length
  await until(() => working() === count, `${count} workers at work`)
}

/** Whether there is a process of this id. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
