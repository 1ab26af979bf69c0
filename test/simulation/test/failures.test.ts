import { SharedBucket } from '@stigmergy/core/cluster'
import test from 'ava'
import {
  type App,
  type BucketHandle,
  type Closed,
  defineApp,
  defineRuntime,
  type Firing,
  type FunctionHandle,
  type ObjectRef,
  primitive,
  type RuntimeEvent,
  start,
  type Status,
  trigger,
  Trigger,
} from 'stigmergy'
import { z } from 'zod'
import { Stage, type StagedNode } from '../src/stage.js'

const options = z.strictObject({ provides: z.boolean() })

interface Ends {
  /** What has ended, and how, each time that it was told. */
  readonly told: string[]
}

/** Fires each object as an item of its own, and provides for those that fail, or does not. */
@primitive({ name: 'tolerant', scope: 'bucket', stateVersion: 1, options })
class Tolerant extends Trigger<z.output<typeof options>, Ends> {
  initialState(): Ends {
    return { told: [] }
  }

  onObject(_ends: Ends, object: ObjectRef): readonly Firing[] {
    return [{ objects: [object], tag: object.key }]
  }

  override onClosed({ told }: Ends, { scope, outcome }: Closed, ctx: { absorb(): void }): readonly Firing[] {
    told.push(`${scope} ${outcome}`)
    if (outcome === 'failed' && this.options.provides) ctx.absorb()
    return []
  }

  describe({ told }: Ends): Status {
    return { held: [], awaiting: { keys: [...told] } }
  }
}

function stageOf(): Stage {
  return new Stage({ primitives: [Tolerant] })
}

interface FailingApp {
  readonly app: App
  readonly jobs: BucketHandle<number>
  readonly make: FunctionHandle<number>
}

/** `work` throws for numbers below 0; `make` puts one, and throws for numbers below 0. */
function failingApp(provides: boolean): FailingApp {
  const app = defineApp('failing', (define) => {
    const jobs = define.bucket<number>('jobs')
    const work = define.fn<number>('work', ({ value }) => {
      if (value < 0) throw new RangeError('below zero')
    })
    const make = define.fn<number>('make', async ({ value }, { put }) => {
      await put(jobs, 'made', 1)
      if (value < 0) throw new RangeError('below zero')
    })
    jobs.when(trigger(Tolerant, { provides }), work)
    return { jobs, make }
  })
  return { app, ...app.handles }
}

/** How the sessions ended that have, and what the trigger was told. */
interface Outcome {
  readonly sessions: readonly string[]
  readonly told: readonly string[]
}

function endOf(event: RuntimeEvent): string | undefined {
  return event.type === 'session-ended' ? `${event.outcome} ${event.error?.code ?? ''}`.trim() : undefined
}

const jobs = [1, -1]

/** Those that failed; on one worker fewer sessions have the firings. */
async function failedOnOneWorker(provides: boolean): Promise<readonly string[]> {
  const { app, jobs: bucket, make } = failingApp(provides)
  await using runtime = await start(defineRuntime({ primitives: [Tolerant] }), app)
  const ends: string[] = []
  runtime.on((event) => {
    const end = endOf(event)
    if (end !== undefined) ends.push(end)
  })
  for (const value of jobs) {
    await runtime.put(bucket, `job ${value}`, value)
    await runtime.invoke(make, value).ended
  }
  await runtime.close()
  return ends.filter((end) => end !== 'succeeded')
}

function toldTo({ status }: { readonly status: Status }): readonly string[] {
  return 'keys' in status.awaiting ? status.awaiting.keys : []
}

/** What the coordinator is told of a failure, and dies of before it has answered. */
type Moment = 'tell' | 'itemFailed'

/** Kills the node once it has in its log that something has failed. Returns what undoes it. */
function killAt(moment: Moment, { process }: StagedNode): () => void {
  const own = Object.getOwnPropertyDescriptor(SharedBucket.prototype, moment)!
  const undo = (): void => void Object.defineProperty(SharedBucket.prototype, moment, own)
  const value = function (this: SharedBucket, ...args: unknown[]): unknown {
    const answer: unknown = (own.value as (...all: unknown[]) => unknown).apply(this, args)
    if ((args.at(-1) as Closed).outcome !== 'failed') return answer
    undo()
    process.kill()
    return answer
  }
  Object.defineProperty(SharedBucket.prototype, moment, { ...own, value })
  return undo
}

async function inCluster(provides: boolean, killed?: StagedNode, stage = stageOf()): Promise<Outcome> {
  const { app, jobs: bucket, make } = failingApp(provides)
  if (killed === undefined) await stage.node('c', app, { role: 'coordinator' })
  const node = await stage.node('a', app, { role: 'node' })
  const ends: string[] = []
  node.runtime.on((event) => {
    const end = endOf(event)
    if (end !== undefined) ends.push(end)
  })
  const client = await stage.client()
  for (const value of jobs) {
    await stage.until(client.put(bucket, `job ${value}`, value))
    await stage.until(client.invoke(make, value).ended)
  }
  await stage.when(() => ends.length === jobs.length * 2 + 2)
  const explained = await stage.until(client.trigger(bucket, 'work').explain())
  return { sessions: ends.toSorted(), told: explained.flatMap(toldTo).toSorted() }
}

const provided: Outcome = {
  sessions: Array<string>(6).fill('succeeded'),
  told: [
    ...['invocation failed', 'invocation succeeded'],
    ...['item failed', 'item succeeded', 'item succeeded', 'item succeeded'],
  ],
}
const failed: Outcome = {
  sessions: [...Array<string>(2).fill('failed STG_FUNCTION_FAILED'), ...Array<string>(4).fill('succeeded')],
  told: provided.told,
}

for (const [what, provides, expected] of [
  ['a failure that a shared trigger provides for fails no session', true, provided],
  ['a failure that no trigger provides for fails its session', false, failed],
] as const) {
  test(`${what}, on one worker`, async (t) => {
    const failures = expected.sessions.filter((end) => end !== 'succeeded')
    t.deepEqual(await failedOnOneWorker(provides), failures)
  })

  test(`${what}, in a cluster`, async (t) => t.deepEqual(await inCluster(provides), expected))

  for (const moment of ['tell', 'itemFailed'] as const)
    test.serial(`${what}, and is told once, when a coordinator dies at its ${moment}`, async (t) => {
      const stage = stageOf()
      const { app } = failingApp(provides)
      const first = await stage.node('c', app, { role: 'coordinator' })
      t.teardown(killAt(moment, first))
      await stage.node('d', app, { role: 'coordinator' })
      t.deepEqual(await inCluster(provides, first, stage), expected)
      t.is(first.process.isAlive, false)
    })
}
