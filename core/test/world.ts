import { ManualClock } from '@stigmergy/conformance'
import type { ExecutionContext } from 'ava'
import {
  type App,
  defineRuntime,
  MemoryObjectStore,
  type MemoryObjectStoreOptions,
  type ObjectRef,
  provide,
  type RuntimeConfig,
  type RuntimeEvent,
  start,
  Tokens,
} from 'stigmergy'

/** A runtime under test, on a clock that stands still and a store that outlives it. */
export interface World {
  readonly runtime: Awaited<ReturnType<typeof start>>
  readonly clock: ManualClock
  readonly store: MemoryObjectStore
  /** Everything that has happened so far. */
  readonly events: RuntimeEvent[]
}

export interface WorldOptions extends RuntimeConfig {
  readonly store?: MemoryObjectStoreOptions
}

/** Starts apps on a runtime that is closed at the end of the test. */
export async function world(
  t: ExecutionContext,
  apps: App | readonly App[],
  options: WorldOptions = {},
): Promise<World> {
  const { store: storeOptions, provide: provided = [], ...config } = options
  const clock = new ManualClock(1_000)
  const store = new MemoryObjectStore({ clock, ...storeOptions })
  const seams = [provide(Tokens.Clock, clock), provide(Tokens.ObjectStore, store), ...provided]
  const runtime = await start(defineRuntime({ ...config, provide: seams }), apps)
  const events: RuntimeEvent[] = []
  runtime.on((event) => void events.push(event))
  t.teardown(() => runtime.close({ now: true }))
  return { runtime, clock, store, events }
}

/** Lets everything run that is ready to run. */
export async function turns(count = 5): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits until the condition holds, and throws when it does not within a second or two. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
  const end = performance.now() + 2_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come to hold`)
    await turns(1)
  }
}

/** A promise and the functions that settle it: for functions that end when a test says so. */
export interface Gate<T = void> {
  readonly passed: Promise<T>
  readonly open: (value: T) => void
  readonly fail: (error: unknown) => void
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const passed = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  passed.catch(() => undefined)
  return { passed, open, fail }
}

/** What is left behind: nothing, when all sessions are over and nobody holds an object. */
export function leftovers({ runtime, clock, store }: World): {
  readonly sessions: number
  readonly objects: number
  readonly timers: number
} {
  return { sessions: runtime.stats.sessions.live, objects: store.usage.objects, timers: clock.armed }
}

export const nothing = { sessions: 0, objects: 0, timers: 0 } as const

/** The events of one type. */
export function ofType<Type extends RuntimeEvent['type']>(
  { events }: Pick<World, 'events'>,
  type: Type,
): readonly (RuntimeEvent & { readonly type: Type })[] {
  return events.filter((event): event is RuntimeEvent & { readonly type: Type } => event.type === type)
}

/** The keys of objects, in their order. */
export function keys(objects: readonly ObjectRef[]): readonly string[] {
  return objects.map(({ key }) => key)
}
