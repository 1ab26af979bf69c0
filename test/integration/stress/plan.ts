import fc from 'fast-check'
import {
  type BucketOptions,
  byBatchSize,
  byName,
  bySet,
  byTime,
  type CloseOptions,
  dynamicGroup,
  dynamicJoin,
  type FunctionOptions,
  immediate,
  type OutsidePutOptions,
  redundant,
  type SessionOptions,
  type TriggerOptions,
  type TriggerSpec,
  type UserFact,
  type WorkerLimits,
} from 'stigmergy'
import { brittle, hooks } from './brittle.js'

/** What a history is made of: all of it plain data, so that it can be made smaller and be read. */
export interface Plan {
  readonly buckets: readonly BucketPlan[]
  readonly functions: readonly FunctionPlan[]
  readonly limits: Partial<WorkerLimits>
  readonly store: StorePlan
  readonly steps: readonly Step[]
  /** Calls that a listener makes, in the middle of whatever happens, when so many events have come. */
  readonly interruptions: readonly { readonly afterEvents: number; readonly call: Call }[]
  readonly close: CloseOptions
  /** Calls of a runtime that is closing, then of one that is closed. */
  readonly late: readonly Step[]
}

interface StorePlan {
  readonly waitMs: number
  readonly maxWaiting: number
  /** Bytes that somebody else keeps in the store, beyond the end of the runtime. */
  readonly ballast: number
}

interface BucketPlan {
  readonly options: BucketOptions
  readonly triggers: readonly TriggerPlan[]
}

export interface TriggerPlan {
  readonly spec: TriggerSpec
  readonly target: string
  readonly options: TriggerOptions
  /** Whether keys are filtered, and whether the filter throws for some. */
  readonly filter: 'none' | 'some' | 'throws'
  readonly partitionBy: 'none' | 'key' | 'throws'
  /** Whether it is paused at first, until somebody resumes it. */
  readonly startsPaused: boolean
}

export interface FunctionPlan {
  readonly options: Omit<FunctionOptions, 'puts'>
  /** The buckets that it says it puts into. */
  readonly puts: readonly string[]
  readonly acts: readonly Act[]
}

/** What a function does, one after the other. */
export type Act =
  | { readonly act: 'put'; readonly put: Put; readonly awaited: boolean }
  | { readonly act: 'reply' }
  | { readonly act: 'closed'; readonly bucket: string; readonly fact: UserFact }
  | { readonly act: 'throw'; readonly upToAttempt: number }
  /** Until it is aborted. */
  | { readonly act: 'hang' }
  /** For ever, whatever happens. */
  | { readonly act: 'stay' }
  | { readonly act: 'pause'; readonly ms: number; readonly heedsAbort: boolean }
  | { readonly act: 'call'; readonly call: Call }

export interface Put {
  readonly bucket: string
  readonly key: string | undefined
  readonly bytes: number
  readonly options: OutsidePutOptions
}

/** A call from outside. What it acts on is told by a number, of those that there are at the moment. */
export type Call = Request | Operation

/** What callers do. */
export type Request =
  | {
      readonly call: 'invoke'
      readonly fn: string
      readonly bytes: number
      readonly options: Omit<SessionOptions, 'signal'>
      readonly asks: boolean
    }
  | { readonly call: 'put'; readonly put: Put }
  | { readonly call: 'session'; readonly options: Omit<SessionOptions, 'signal'>; readonly asks: boolean }
  | { readonly call: 'put in session'; readonly which: number; readonly put: Put }
  | {
      readonly call: 'closed in session'
      readonly which: number
      readonly bucket: string
      readonly fact: UserFact
    }
  | { readonly call: 'end' | 'cancel' | 'abort'; readonly which: number }
  | { readonly call: 'closed'; readonly bucket: string; readonly fact: UserFact; readonly session?: string }
  | {
      readonly call: 'watermark'
      readonly bucket: string
      readonly reached: number
      readonly session?: string
    }
  | { readonly call: 'create bucket'; readonly bucket: string }
  | { readonly call: 'redrive' | 'discard'; readonly which: number }
  | { readonly call: 'look' }
  | { readonly call: 'close'; readonly options: CloseOptions }

/** What operators do to a bucket. */
export type Operation = { readonly bucket: string } & (
  | { readonly call: 'pause' | 'resume' | 'flush' | 'reset'; readonly which: number }
  | { readonly call: 'change'; readonly which: number; readonly spec: TriggerSpec }
  | { readonly call: 'add'; readonly trigger: TriggerPlan }
  | { readonly call: 'remove'; readonly which: number; readonly how: 'drain' | 'discard' }
  | { readonly call: 'seal' | 'drain' }
  | { readonly call: 'delete'; readonly how: 'discard' | undefined }
)

const operations: ReadonlySet<Call['call']> = new Set<Operation['call']>([
  'pause',
  'resume',
  'flush',
  'reset',
  'change',
  'add',
  'remove',
  'seal',
  'drain',
  'delete',
])

export function isOperation(call: Call): call is Operation {
  return operations.has(call.call)
}

/** A call, or time that passes; afterwards everything that can run does, or not yet. */
export type Step = { readonly settles: boolean } & (
  { readonly step: 'call'; readonly call: Call } | { readonly step: 'pass'; readonly ms: number }
)

export const bucketNames = ['b0', 'b1', 'b2'] as const
export const functionNames = ['f0', 'f1', 'f2', 'f3'] as const
/** A key that filters, `partitionBy` and brittle triggers cannot bear. */
export const badKey = '!'

const bucketName = fc.constantFrom(...bucketNames)
const fn = fc.constantFrom(...functionNames)
const key = fc.constantFrom('a', 'b', 'c', badKey)
const group = fc.constantFrom('g', 'h')
const bytes = fc.constantFrom(8, 8, 8, 8, 8, 40, 100, 150)
const session = fc.constantFrom('s', 't')
const ms = fc.constantFrom(1, 10, 50, 100, 500, 2_000)
const which = fc.nat(3)

const outcome = fc.constantFrom('succeeded', 'failed', 'cancelled', 'expired' as const)

const fact: fc.Arbitrary<UserFact> = fc.oneof(
  fc.record({ scope: fc.constant('items' as const), expected: fc.nat(3) }, { requiredKeys: ['scope'] }),
  fc.record(
    { scope: fc.constantFrom('producer' as const, 'input'), name: fc.oneof(key, fn), outcome },
    { requiredKeys: ['scope', 'name'] },
  ),
  fc.record({ scope: fc.constant('group' as const), name: group }),
)

const putOptions: fc.Arbitrary<OutsidePutOptions> = fc.record(
  {
    group: fc.oneof(group, fc.constant(['g', 'h'])),
    role: fc.constantFrom('item', 'request'),
    producer: fn,
    id: fc.constantFrom('1', '2'),
    et: fc.constantFrom(900, 1_100),
  },
  { requiredKeys: [] },
)

/** From a function or in an open session. */
const insidePut: fc.Arbitrary<Put> = fc.record({
  bucket: bucketName,
  key: fc.option(key, { nil: undefined }),
  bytes,
  options: putOptions,
})

const outsidePut: fc.Arbitrary<Put> = fc
  .tuple(insidePut, fc.option(session, { nil: undefined }))
  .map(([put, name]) => (name === undefined ? put : { ...put, options: { ...put.options, session: name } }))

const some = <T>(value: T): fc.Arbitrary<T | undefined> => fc.constantFrom(undefined, value)

/** Options without those that are undefined: an option that is left out is left out. */
function given<T extends object>(options: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return options.map(
    (all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T,
  )
}

const spec: fc.Arbitrary<TriggerSpec> = fc.oneof(
  fc.record({ ordered: fc.boolean(), maxHops: fc.constantFrom(1, 3) }).map(immediate),
  given(
    fc.record({
      match: fc.constantFrom('a', ['a', 'b'], { prefix: 'f' }, { glob: '*b' }),
      otherwise: some('f0'),
    }),
  ).map((options) => byName(options as never)),
  given(
    fc.record({
      keys: fc.constantFrom(['a'], ['a', 'b'], ['b', 'a', 'c']),
      optional: some(['d']),
      repeat: fc.constantFrom('once', 'rounds'),
      pick: fc.constantFrom('first', 'latest', 'all'),
      onImpossible: fc.constantFrom('fail', 'partial', 'fallback'),
    }),
  ).map((options) => bySet(withFallback('onImpossible', options) as never)),
  fc.record({ count: fc.constantFrom(1, 2, 3, 5) }).map(byBatchSize),
  given(
    fc.record({
      every: fc.constantFrom(50, 100, 1_000),
      align: fc.constantFrom('epoch', 'first'),
      fireEmpty: some(true),
      catchUp: fc.constantFrom('each', 'merge', 'last'),
    }),
  ).map((options) => byTime(options as never)),
  given(
    fc.record({
      parallel: fn,
      eager: fc.boolean(),
      maxParallel: fc.constantFrom(0, 1, 2),
      maxItems: fc.constantFrom(2, 100),
      resultsPerItem: fc.constantFrom('one', 'many'),
      onItemError: fc.constantFrom('fail', 'skip', 'collect'),
      sealOnSessionEnd: fc.boolean(),
      fireEmpty: fc.boolean(),
    }),
  ).map((options) => dynamicJoin(options as never)),
  given(
    fc.record({
      k: fc.constantFrom(1, 2),
      n: fc.constantFrom(2, 3),
      distinctBy: fc.constantFrom('invocation', 'producer', 'key'),
      onSurplus: fc.constantFrom('cancel', 'keep'),
      onDeficit: fc.constantFrom('fail', 'partial', 'fallback'),
      hedge: fc.option(fc.record({ source: fn, start: fc.constant(1), everyMs: fc.constant(20) }), {
        nil: undefined,
      }),
    }),
  ).map((options) => redundant(withFallback('onDeficit', options) as never)),
  given(
    fc.record({
      producers: fc.constantFrom(['f0', 'f1'], { count: 2 }, 'sealed'),
      mode: fc.constantFrom('barrier', 'pipelined'),
      groups: some(['g', 'h']),
      defaultGroup: some('g'),
      maxGroups: fc.constantFrom(1, 100),
      onProducerError: fc.constantFrom('fail', 'skip'),
      onEmpty: some('f1'),
    }),
  ).map((options) => dynamicGroup(options as never)),
  fc.record({ at: fc.constantFrom(...hooks) }).map(brittle),
)

function withFallback(field: string, options: object): object {
  return Reflect.get(options, field) === 'fallback' ? { ...options, fallback: 'f2' } : options
}

/** Primitives that can forget an object, which some options ask for. */
const forgetful = new Set(['by-set', 'by-batch-size', 'by-time', 'brittle'])

const commonOptions: fc.Arbitrary<TriggerOptions> = given(
  fc.record({
    scope: fc.constantFrom(undefined, 'session', 'bucket'),
    deadline: fc.constantFrom(undefined, undefined, 30, 200),
    onDeadline: fc.constantFrom(undefined, 'fail', 'partial', 'discard', { fallback: 'f3' }),
    onLate: fc.constantFrom(undefined, 'drop'),
    onSessionEnd: fc.constantFrom(undefined, 'flush', 'discard'),
    onOverflow: fc.constantFrom(undefined, 'reject', 'fireEarly', 'dropOldest', 'dropNewest'),
    onFault: fc.constantFrom(undefined, 'skip'),
    dropCancelled: some(true),
    since: fc.constantFrom(undefined, 'earliest', { seq: 1 }),
    order: fc.constantFrom(undefined, 'arrival', 'key', 'eventTime'),
    maxPending: fc.constantFrom(undefined, 1, 2),
    maxPendingBytes: fc.constantFrom(undefined, 100),
    maxPartitions: fc.constantFrom(undefined, undefined, 1, 2),
    expect: fc.option(fc.array(expectation(), { minLength: 1, maxLength: 2 }), {
      nil: undefined,
      freq: 2,
    }),
  }),
) as fc.Arbitrary<TriggerOptions>

function expectation() {
  return fc.record(
    {
      source: fn,
      timeoutMs: fc.constantFrom(20, 200),
      key,
      maxAttempts: fc.constantFrom(1, 2, 3),
      backoffMs: fc.constantFrom(0, 20),
    },
    { requiredKeys: ['source', 'timeoutMs'] },
  )
}

const trigger: fc.Arbitrary<TriggerPlan> = fc
  .record({
    spec,
    target: fn,
    options: commonOptions,
    filter: fc.constantFrom('none' as const, 'none' as const, 'some' as const, 'throws' as const),
    partitionBy: fc.constantFrom('none' as const, 'none' as const, 'key' as const, 'throws' as const),
    startsPaused: fc.constantFrom(false, false, false, true),
  })
  .map((plan) => ({ ...plan, options: allowed(plan) }))

function allowed({ spec, options }: Pick<TriggerPlan, 'spec' | 'options'>): TriggerOptions {
  if (forgetful.has(spec.primitive)) return options
  const { dropCancelled: _dropCancelled, onOverflow, ...rest } = options
  return onOverflow === undefined || onOverflow === 'dropOldest' ? rest : { ...rest, onOverflow }
}

const sessionOptions = fc.record({ session, deadlineMs: ms }, { requiredKeys: [] })

const closeOptions: fc.Arbitrary<CloseOptions> = fc.oneof(
  fc.constant({}),
  fc.record({ drainMs: fc.constantFrom(0, 10, 1_000) }),
  fc.constant({ now: true }),
)

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({ call: fc.constant('put' as const), put: outsidePut }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constant('invoke' as const),
      fn,
      bytes,
      options: sessionOptions,
      asks: fc.boolean(),
    }),
  },
  fc.record({ call: fc.constant('session' as const), options: sessionOptions, asks: fc.boolean() }),
  {
    weight: 5,
    arbitrary: fc.record({ call: fc.constant('put in session' as const), which, put: insidePut }),
  },
  fc.record({ call: fc.constant('closed in session' as const), which, bucket: bucketName, fact }),
  { weight: 2, arbitrary: fc.record({ call: fc.constantFrom('end' as const, 'cancel', 'abort'), which }) },
  fc.record(
    { call: fc.constant('closed' as const), bucket: bucketName, fact, session },
    { requiredKeys: ['call', 'bucket', 'fact'] },
  ),
  fc.record(
    {
      call: fc.constant('watermark' as const),
      bucket: bucketName,
      reached: fc.constantFrom(1_000, 2_000),
      session,
    },
    { requiredKeys: ['call', 'bucket', 'reached'] },
  ),
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constantFrom('pause' as const, 'resume', 'flush', 'reset'),
      bucket: bucketName,
      which,
    }),
  },
  fc.record({ call: fc.constant('change' as const), bucket: bucketName, which, spec }),
  fc.record({ call: fc.constant('add' as const), bucket: bucketName, trigger }),
  fc.record({
    call: fc.constant('remove' as const),
    bucket: bucketName,
    which,
    how: fc.constantFrom('drain' as const, 'discard'),
  }),
  fc.record({ call: fc.constantFrom('seal' as const, 'drain'), bucket: bucketName }),
  fc.record({ call: fc.constant('create bucket' as const), bucket: bucketName }),
  fc.record({
    call: fc.constant('delete' as const),
    bucket: bucketName,
    how: fc.constantFrom('discard' as const, undefined),
  }),
  { weight: 2, arbitrary: fc.record({ call: fc.constantFrom('redrive' as const, 'discard'), which }) },
  fc.record({ call: fc.constant('look' as const) }),
)

/** A listener and a function may do everything, close the runtime included. */
const innerCall: fc.Arbitrary<Call> = fc.oneof(
  { weight: 12, arbitrary: call },
  fc.record({ call: fc.constant('close' as const), options: closeOptions }),
)

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant('put' as const), put: insidePut, awaited: fc.boolean() }),
  },
  fc.record({ act: fc.constant('reply' as const) }),
  fc.record({ act: fc.constant('closed' as const), bucket: bucketName, fact }),
  fc.record({ act: fc.constant('throw' as const), upToAttempt: fc.constantFrom(1, 2, 9) }),
  fc.record({ act: fc.constantFrom('hang' as const, 'stay') }),
  fc.record({ act: fc.constant('pause' as const), ms, heedsAbort: fc.boolean() }),
  fc.record({ act: fc.constant('call' as const), call: innerCall }),
)

const functionPlan: fc.Arbitrary<FunctionPlan> = fc.record({
  options: given(
    fc.record({
      concurrency: fc.constantFrom(undefined, 1, 2),
      timeoutMs: fc.constantFrom(undefined, 25, 300),
      retries: fc.constantFrom(undefined, 1, { max: 2, backoffMs: 10 }),
    }),
  ) as fc.Arbitrary<Omit<FunctionOptions, 'puts'>>,
  puts: fc.uniqueArray(bucketName, { maxLength: 2 }),
  acts: fc.array(act, { maxLength: 4, size: 'max' }),
})

const bucketPlan: fc.Arbitrary<BucketPlan> = fc.record({
  options: given(
    fc.record({ multi: fc.constantFrom(undefined, true), rememberKeys: fc.constantFrom(undefined, 0, 1) }),
  ) as fc.Arbitrary<BucketOptions>,
  triggers: fc.array(trigger, { maxLength: 3, size: 'max' }),
})

const limits = given(
  fc.record({
    slots: fc.constantFrom(undefined, undefined, 1, 2),
    maxQueued: fc.constantFrom(undefined, undefined, 1, 4),
    highWaterMark: fc.constantFrom(undefined, undefined, 1, 2),
    maxDeadLetters: fc.constantFrom(undefined, 1, 2),
    maxExplained: fc.constantFrom(undefined, 0, 1),
    maxSessions: fc.constantFrom(undefined, undefined, 1, 3),
    sessionTombstoneMs: fc.constantFrom(undefined, 0, 50),
    maxTombstones: fc.constantFrom(undefined, 0, 1),
    sessionIdleMs: fc.constantFrom(undefined, 40, 400),
  }),
) as fc.Arbitrary<Partial<WorkerLimits>>

const steps = (of: fc.Arbitrary<Call>, maxLength: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ step: fc.constant('call' as const), call: of, settles: fc.boolean() }),
      },
      fc.record({ step: fc.constant('pass' as const), ms, settles: fc.boolean() }),
    ),
    { maxLength, size: 'max' },
  )

/** Random apps, each with a random history. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  buckets: fc.tuple(bucketPlan, bucketPlan, bucketPlan),
  functions: fc.tuple(functionPlan, functionPlan, functionPlan, functionPlan),
  limits,
  store: fc.record({
    waitMs: fc.constantFrom(100, 10_000),
    maxWaiting: fc.constantFrom(2, 100),
    ballast: fc.constantFrom(0, 0, 0, 0, 120, 300),
  }),
  steps: steps(call, 40),
  interruptions: fc.array(fc.record({ afterEvents: fc.nat(60), call: innerCall }), { maxLength: 2 }),
  close: closeOptions,
  late: steps(innerCall, 6),
})
