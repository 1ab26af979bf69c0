import type { ExecutionContext } from 'ava'
import { defineRuntime, type Runtime, type RuntimeEvent, start, type WorkersConfig } from 'stigmergy'
import { app } from '../src/app.js'

export const kinds = ['thread', 'process'] as const

/** A runtime with workers, and what happens in it. */
export interface Setting {
  readonly runtime: Runtime
  readonly events: RuntimeEvent[]
}

/** Starts the app on workers, two unless told otherwise; closed at the end of the test. */
export async function setting(t: ExecutionContext, workers: Partial<WorkersConfig> = {}): Promise<Setting> {
  const runtime = await start(defineRuntime({ workers: workersOf(workers) }), app)
  t.teardown(() => runtime.close({ now: true }))
  const events: RuntimeEvent[] = []
  runtime.on((event) => void events.push(event))
  return { runtime, events }
}

/** Workers that can read TypeScript. */
export function workersOf(workers: Partial<WorkersConfig>): WorkersConfig {
  const { kind = 'process', count = 2 } = workers
  const preload = kind === 'thread' ? [new URL('./typescript.mjs', import.meta.url).href] : []
  return { preload, ...workers, kind, count }
}

/** Why workers were lost, in turn. */
export function losses(events: readonly RuntimeEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'worker-lost' ? [event.reason] : []))
}
