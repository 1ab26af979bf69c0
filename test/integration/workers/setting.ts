import type { ExecutionContext } from 'ava'
import { defineRuntime, type Runtime, type RuntimeEvent, start, type WorkersConfig } from 'stigmergy'
import { app } from './app.js'

export const kinds = ['thread', 'process'] as const

/** A runtime with workers, and what happens in it. */
export interface Setting {
  readonly runtime: Runtime
  readonly events: RuntimeEvent[]
}

/** Starts the app on workers, two unless told otherwise; closed at the end of the test. */
export async function setting(t: ExecutionContext, workers: Partial<WorkersConfig> = {}): Promise<Setting> {
  const runtime = await start(defineRuntime({ workers: { kind: 'process', count: 2, ...workers } }), app)
  t.teardown(() => runtime.close({ now: true }))
  const events: RuntimeEvent[] = []
  runtime.on((event) => void events.push(event))
  return { runtime, events }
}

/** Why workers were lost, in turn. */
export function losses(events: readonly RuntimeEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'worker-lost' ? [event.reason] : []))
}

/** Waits until the condition holds; throws when it does not within a minute. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
  const end = performance.now() + 60_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come to hold`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Waits until there are so many workers at work. */
export async function staffed(runtime: Runtime, count = 2): Promise<void> {
  const working = (): number => runtime.workers.filter(({ state }) => state === 'working').length
  await until(() => working() === count, `${count} workers at work`)
}

/** Whether there is a process of this id that is not a zombie. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
