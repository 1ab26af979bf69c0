import type { ManualClock } from '@stigmergy/conformance'
import {
  type App,
  type BucketHandle,
  defineApp,
  type Fired,
  type FilteredObject,
  type FunctionContext,
  type FunctionHandle,
  type TriggerOptions,
} from 'stigmergy'
import {
  type Act,
  badKey,
  bucketNames,
  type Call,
  functionNames,
  type FunctionPlan,
  type Plan,
  type TriggerPlan,
} from './plan.js'

/** What the functions of a planned app do to the world around them. */
export interface Surroundings {
  readonly clock: ManualClock
  /** Makes a call of the runtime from within a function. */
  readonly call: (call: Call, fuel: number) => void
  /** So many more functions wait for the clock; fewer when negative. */
  readonly waiting: (change: number) => void
}

/** The app that a plan describes. */
export function appOf({ buckets, functions }: Plan, surroundings: Surroundings): App {
  return defineApp('app', (app) => {
    const built = buckets.map(({ options }, at) => app.bucket<string>(bucketNames[at]!, options))
    const handles = functions.map(({ options, puts, acts }, at) =>
      app.fn<string>(functionNames[at]!, (fired, context) => play(acts, fired, context, surroundings), {
        ...options,
        puts: puts.map((name) => built.find(({ bucket }) => bucket === name)!),
      }),
    )
    buckets.forEach(({ triggers }, at) =>
      triggers.forEach((trigger, nth) =>
        built[at]!.when(trigger.spec, handleOf(handles, trigger), optionsOf(trigger, `t${nth}`)),
      ),
    )
  })
}

function handleOf(
  handles: readonly FunctionHandle<string>[],
  { target }: TriggerPlan,
): FunctionHandle<string> {
  return handles.find(({ fn }) => fn === target)!
}

/** The options of a planned trigger, with the functions in place that a plan only names. */
export function optionsOf(
  { options, filter, partitionBy }: TriggerPlan,
  name: string,
): TriggerOptions<string> {
  return {
    ...options,
    name,
    ...(filter === 'none' ? {} : { filter: ({ key }) => unless(filter === 'throws', key) && key !== 'c' }),
    ...(partitionBy === 'none' ? {} : { partitionBy: (object) => partOf(object, partitionBy) }),
  }
}

function partOf({ key }: FilteredObject<string>, by: TriggerPlan['partitionBy']): string {
  return unless(by === 'throws', key) ? key : ''
}

function unless(throws: boolean, key: string): boolean {
  if (throws && key === badKey) throw new Error('a key that it cannot bear')
  return true
}

/** How many more functions a value may cause, one behind the other: it is the first character of the value. */
export function valueOf(fuel: number, bytes: number): string {
  return String(fuel).padEnd(bytes, '.')
}

function fuelOf({ objects }: Fired<string>): number {
  return Math.max(0, ...objects.map(({ value }) => Number(value[0])))
}

async function play(
  acts: FunctionPlan['acts'],
  fired: Fired<string>,
  context: FunctionContext,
  surroundings: Surroundings,
): Promise<void> {
  const fuel = fuelOf(fired)
  for (const act of acts) await perform(act, fuel, context, surroundings)
}

async function perform(
  act: Act,
  fuel: number,
  context: FunctionContext,
  surroundings: Surroundings,
): Promise<void> {
  switch (act.act) {
    case 'put':
      return fuel > 0 ? putFrom(act, fuel, context) : undefined
    case 'reply':
      return context.reply(fuel)
    case 'closed':
      return context.closed(handle(act.bucket), act.fact)
    case 'throw':
      if (context.attempt <= act.upToAttempt) throw new Error(`attempt ${context.attempt} fails`)
      return
    case 'hang':
      return aborted(context.signal)
    case 'stay':
      return new Promise(() => undefined)
    case 'pause':
      return pause(act, context, surroundings)
    case 'call':
      return fuel > 0 ? surroundings.call(act.call, fuel - 1) : undefined
  }
}

async function putFrom(
  { put: { bucket, key, bytes, options }, awaited }: Act & { readonly act: 'put' },
  fuel: number,
  { put }: FunctionContext,
): Promise<void> {
  const outcome = put(handle(bucket), key, valueOf(fuel - 1, bytes), options)
  if (awaited) await outcome
}

function handle(bucket: string): BucketHandle<string> {
  return { app: 'app', bucket }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
}

function pause(
  { ms, heedsAbort }: Act & { readonly act: 'pause' },
  { signal }: FunctionContext,
  { clock, waiting }: Surroundings,
): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting(1)
    const timer = clock.setTimer(clock.now() + ms, () => {
      waiting(-1)
      signal.removeEventListener('abort', abort)
      resolve()
    })
    const abort = (): void => {
      timer.cancel()
      waiting(-1)
      reject(signal.reason as Error)
    }
    if (heedsAbort) signal.addEventListener('abort', abort)
  })
}
