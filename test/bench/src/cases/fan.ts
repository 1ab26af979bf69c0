import { EventEmitter } from 'node:events'
import PQueue from 'p-queue'
import { firstValueFrom, from, mergeMap, toArray } from 'rxjs'
import { bySet, defineApp, defineRuntime, dynamicJoin, immediate, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { Stopwatch, timeEach } from '../stopwatch.js'

const width = 16
const fansPerBatch = 50
const keys = Array.from({ length: width }, (_, index) => `part-${index}`)

/** The work: one function starts 16 runs of another with a number each; a third gets the 16 doubles and gives their sum. */
export const fan: Case = {
  name: 'fan-16-join',
  figure: 'from a request to the result of one function, 16 runs of a second, and a third that joins them',
  unit: 'µs',
  rounds: 60,
  subjects: [
    { name: ours, open: openBySet },
    { name: `${ours}, DynamicJoin`, open: openDynamicJoin },
    { name: 'plain async call', open: openPlain },
    { name: 'EventEmitter', open: openEmitter },
    { name: 'RxJS', open: openRx },
    { name: 'p-queue', open: openQueue },
  ],
}

const double = async (value: number): Promise<number> => 2 * value
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const numbers = Array.from({ length: width }, (_, index) => index)
const expected = 2 * sum(numbers)

/** A probe of fans that must each give the sum of the doubles. */
function fans(effort: Effort, run: () => Promise<number>): Probe {
  const watch = new Stopwatch()
  const checked = async (): Promise<void> => {
    const result = await run()
    if (result !== expected) throw new Error(`The join gave ${result} instead of ${expected}`)
  }
  return probe(() => timeEach(watch, effort.size(fansPerBatch), checked))
}

async function openBySet(effort: Effort): Promise<Probe> {
  const app = defineApp('bench', (app) => {
    const parts = app.bucket<number>('parts')
    const doubles = app.bucket<number>('doubles')
    const split = app.fn<null, number>('split', async (_fired, { put }) => {
      for (const [index, key] of keys.entries()) await put(parts, key, index)
    })
    const work = app.fn<number>('work', async ({ objects, value }, { put }) => {
      await put(doubles, objects[0]?.key, 2 * value)
    })
    const join = app.fn<number, number>('join', ({ objects }, { reply }) => {
      reply(sum(objects.map(({ value }) => value)))
    })
    parts.when(immediate(), work)
    doubles.when(bySet({ keys }), join)
    return { split }
  })
  const runtime = await start(defineRuntime(), app)
  const { batch } = fans(effort, () => runtime.invoke(app.handles.split, null).result)
  return probe(batch, () => runtime.close())
}

async function openDynamicJoin(effort: Effort): Promise<Probe> {
  const app = defineApp('bench', (app) => {
    const parts = app.bucket<number>('parts')
    const split = app.fn<null, number>('split', async (_fired, { put, closed }) => {
      for (const [index, key] of keys.entries()) await put(parts, key, index, { role: 'item' })
      closed(parts, { scope: 'items' })
    })
    const work = app.fn<number>('work', async ({ value }, { put }) => {
      await put(parts, undefined, 2 * value)
    })
    const join = app.fn<number, number>('join', ({ objects }, { reply }) => {
      reply(sum(objects.map(({ value }) => value)))
    })
    parts.when(dynamicJoin({ parallel: work }), join)
    return { split }
  })
  const runtime = await start(defineRuntime(), app)
  const { batch } = fans(effort, () => runtime.invoke(app.handles.split, null).result)
  return probe(batch, () => runtime.close())
}

function openPlain(effort: Effort): Probe {
  return fans(effort, async () => sum(await Promise.all(numbers.map(double))))
}

/** Listeners answer with events; the join counts them. */
function openEmitter(effort: Effort): Probe {
  const events = new EventEmitter()
  const work = async (value: number): Promise<void> => void events.emit('double', await double(value))
  events.on('part', (value: number) => void work(value))
  return fans(effort, () => {
    const result = new Promise<number>((resolve) => {
      const doubles: number[] = []
      const join = (value: number): void => {
        if (doubles.push(value) < width) return
        events.off('double', join)
        resolve(sum(doubles))
      }
      events.on('double', join)
    })
    for (const value of numbers) events.emit('part', value)
    return result
  })
}

function openRx(effort: Effort): Probe {
  return fans(effort, async () => sum(await firstValueFrom(from(numbers).pipe(mergeMap(double), toArray()))))
}

function openQueue(effort: Effort): Probe {
  const queue = new PQueue()
  return fans(effort, async () => sum(await queue.addAll(numbers.map((value) => () => double(value)))))
}
