import { EventEmitter } from 'node:events'
import PQueue from 'p-queue'
import { concatMap, type Observable, Subject as Stream } from 'rxjs'
import { defineApp, defineRuntime, immediate, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { Stopwatch, timeEach } from '../stopwatch.js'

const length = 1_000
const chainsPerBatch = 5

/** The work: a number goes through 1,000 different async functions, each of which adds 1. */
export const chain: Case = {
  name: 'chain-1000',
  figure: 'from a request to the result of 1,000 different functions that run one after the other',
  unit: 'µs',
  rounds: 60,
  subjects: [
    { name: ours, open: openStigmergy },
    { name: 'plain async call', open: openPlain },
    { name: 'EventEmitter', open: openEmitter },
    { name: 'RxJS', open: openRx },
    { name: 'p-queue', open: openQueue },
  ],
}

type Step = (value: number) => Promise<number>

/** A closure for each step, so that a peer has as many functions as we have. */
function stepsOf(): readonly Step[] {
  return Array.from({ length }, () => async (value) => value + 1)
}

/** A probe of chains that must each give 1,000. */
function chains(effort: Effort, run: () => Promise<number>): Probe {
  const watch = new Stopwatch()
  const checked = async (): Promise<void> => {
    const result = await run()
    if (result !== length) throw new Error(`The chain gave ${result} instead of ${length}`)
  }
  return probe(() => timeEach(watch, effort.size(chainsPerBatch), checked))
}

async function openStigmergy(effort: Effort): Promise<Probe> {
  const app = defineApp('bench', (app) => {
    const last = app.fn<number, number>(`step-${length - 1}`, ({ value }, { reply }) => reply(value + 1))
    let next = last
    for (let step = length - 2; step >= 0; step -= 1) {
      const bucket = app.bucket<number>(`items-${step}`)
      bucket.when(immediate(), next)
      next = app.fn<number, number>(`step-${step}`, async ({ value }, { put }) => {
        await put(bucket, undefined, value + 1)
      })
    }
    return { first: next }
  })
  const runtime = await start(defineRuntime(), app)
  const { batch } = chains(effort, () => runtime.invoke(app.handles.first, 0).result)
  return probe(batch, () => runtime.close())
}

function openPlain(effort: Effort): Probe {
  const steps = stepsOf()
  return chains(effort, async () => {
    let value = 0
    for (const step of steps) value = await step(value)
    return value
  })
}

/** One kind of event per step; the listener emits the next when its function is done. */
function openEmitter(effort: Effort): Probe {
  const events = new EventEmitter()
  for (const [index, step] of stepsOf().entries()) {
    const run = async (value: number): Promise<void> =>
      void events.emit(`step-${index + 1}`, await step(value))
    events.on(`step-${index}`, (value: number) => void run(value))
  }
  return chains(effort, () => {
    const result = new Promise<number>((resolve) => events.once(`step-${length}`, resolve))
    events.emit('step-0', 0)
    return result
  })
}

/** One pipeline, subscribed to once. */
function openRx(effort: Effort): Probe {
  const input = new Stream<number>()
  let finish: (value: number) => void = () => undefined
  stepsOf()
    .reduce<Observable<number>>((stream, step) => stream.pipe(concatMap(step)), input)
    .subscribe((value) => finish(value))
  return chains(effort, () => {
    const result = new Promise<number>((resolve) => (finish = resolve))
    input.next(0)
    return result
  })
}

function openQueue(effort: Effort): Probe {
  const queue = new PQueue()
  const steps = stepsOf()
  return chains(effort, async () => {
    let value = 0
    for (const step of steps) value = await queue.add(() => step(value))
    return value
  })
}
