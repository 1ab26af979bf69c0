import { ManualClock } from '@stigmergy/conformance'
import type { ExecutionContext } from 'ava'
import {
  type App,
  type AppBuilder,
  type Awaiting,
  type BucketBuilder,
  type BucketHandle,
  type BucketOptions,
  type Clock,
  defineApp,
  defineRuntime,
  type Fired,
  type FunctionHandle,
  type InputObject,
  type LedgerEntry,
  MemoryObjectStore,
  type ObjectRef,
  provide,
  type Runtime,
  type RuntimeConfig,
  type RuntimeEvent,
  start,
  type StepExplanation,
  Tokens,
  type TriggerExplanation,
  type TriggerOptions,
  type TriggerSpec,
} from 'stigmergy'

/** The time at which every scenario begins, ms since epoch. */
export const beginning = 1_000_000

/** A runtime whose clock stands still, and everything that has happened in it. */
export interface Setting {
  readonly runtime: Runtime
  readonly clock: ManualClock
  readonly store: MemoryObjectStore
  readonly events: readonly RuntimeEvent[]
}

export interface SettingOptions extends RuntimeConfig {
  readonly clock?: ManualClock
  /** What the runtime sees instead of `clock`, such as a clock that is hasty. */
  readonly seenClock?: Clock
}

/** Starts the app on a runtime that is closed at the end of the test. */
export async function setting(t: ExecutionContext, app: App, options: SettingOptions = {}): Promise<Setting> {
  const { clock = new ManualClock(beginning), seenClock = clock, provide: provided = [], ...config } = options
  const store = new MemoryObjectStore({ clock })
  const seams = [provide(Tokens.Clock, seenClock), provide(Tokens.ObjectStore, store), ...provided]
  const runtime = await start(defineRuntime({ ...config, provide: seams }), app)
  const events: RuntimeEvent[] = []
  runtime.on((event) => void events.push(event))
  t.teardown(() => runtime.close({ now: true }))
  return { runtime, clock, store, events }
}

/** One bucket `events` with one trigger `take` on it, and the firings that `take` was run with. */
export interface OneTrigger<T> {
  readonly app: App<BucketHandle<T>>
  readonly fired: Fired<T>[]
  /** The keys of each firing, in the order in which they ran. */
  readonly taken: () => readonly (readonly string[])[]
}

export interface OneTriggerOptions<T> extends TriggerOptions<T> {
  readonly bucket?: BucketOptions
}

/** An app for scenarios that one trigger is enough for; `extend` declares what the trigger's options name. */
export function oneTrigger<T = number>(
  spec: TriggerSpec | ((app: AppBuilder, events: BucketBuilder<T>) => TriggerSpec),
  { bucket = {}, ...options }: OneTriggerOptions<T> = {},
): OneTrigger<T> {
  const fired: Fired<T>[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<T>('events', bucket)
    const chosen = typeof spec === 'function' ? spec(app, events) : spec
    return events.when(chosen, taking(app, fired), options)
  })
  return { app, fired, taken: () => fired.map(({ objects }) => keys(objects)) }
}

/** A function `take` that writes down what it was run with. */
export function taking<T>(app: AppBuilder, fired: Fired<T>[], name = 'take'): FunctionHandle<T> {
  return app.fn<T>(name, (firing) => void fired.push(firing))
}

/** What `explain` must say of a trigger. */
export interface Oracle {
  readonly held?: readonly string[]
  readonly awaiting?: Awaiting
  readonly phase?: TriggerExplanation['phase']
  /** How the last step ended. */
  readonly last?: StepExplanation['outcome']
}

/** S36: asserts that `explain` tells what the scenario has led to, and that the ledger accounts for every object. */
export function explains(
  t: ExecutionContext,
  { runtime }: Pick<Setting, 'runtime'>,
  oracle: Oracle,
  { trigger = 'events.take', ...which }: { trigger?: string; session?: string; by?: string } = {},
): TriggerExplanation {
  const explanations = runtime.explain({ trigger, ...which })
  const [explanation] = explanations
  if (explanations.length !== 1 || explanation === undefined)
    throw new Error(`${explanations.length} partitions of ${trigger} fit, not one`)
  const { status, phase, steps, ledger, says } = explanation
  if (oracle.held) t.deepEqual(keys(status.held), oracle.held)
  if (oracle.awaiting) t.deepEqual(status.awaiting, oracle.awaiting)
  if (oracle.phase) t.is(phase, oracle.phase)
  if (oracle.last) t.is(steps.at(-1)?.outcome, oracle.last)
  t.true(says.length > 0)
  t.true(balances(ledger), `the ledger balances: ${JSON.stringify(ledger)}`)
  return explanation
}

/** C10: whether every object that was admitted has fired, was disposed or is held. */
function balances({ admitted, fired, pending, disposed }: LedgerEntry): boolean {
  return admitted === fired + pending + Object.values(disposed).reduce((sum, count) => sum + count, 0)
}

/** The keys of objects, in their order. */
export function keys(objects: readonly ObjectRef[]): readonly string[] {
  return objects.map(({ key }) => key)
}

/** The values of objects, in their order. */
export function values<T>(objects: readonly InputObject<T>[]): readonly T[] {
  return objects.map(({ value }) => value)
}

/** The events of one type. */
export function ofType<Type extends RuntimeEvent['type']>(
  { events }: Pick<Setting, 'events'>,
  type: Type,
): readonly (RuntimeEvent & { readonly type: Type })[] {
  return events.filter((event): event is RuntimeEvent & { readonly type: Type } => event.type === type)
}

/** Lets everything run that is ready to run. */
export async function settle(turns = 5): Promise<void> {
  for (let passed = 0; passed < turns; passed += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets time pass in steps, and everything run that can run in between. */
export async function pass({ clock }: Pick<Setting, 'clock'>, ms: number, step = 10): Promise<void> {
  await settle(2)
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(step)
    await settle(2)
  }
}

/** A promise and the function that resolves it: for functions that go on when the test says so. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
