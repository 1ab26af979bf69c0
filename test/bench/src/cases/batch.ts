import { EventEmitter } from 'node:events'
import PQueue from 'p-queue'
import { bufferCount, concatMap, Subject as Stream } from 'rxjs'
import { byBatchSize, defineApp, defineRuntime, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'

const batchSize = 100
const eventsPerBatch = 20_000

/** A small event: what a click or a reading of a sensor needs. */
interface Reading {
  readonly sensor: number
  readonly value: number
}

/** The work: small objects are made one by one, and an async function adds up the values of each 100. */
export const batches: Case = {
  name: 'batch-100',
  figure: 'small events put, gathered by `ByBatchSize` of 100 and read, per second',
  unit: 'events/s',
  rounds: 60,
  subjects: [
    { name: ours, open: openStigmergy },
    { name: `${ours}, put from outside`, open: openOutside },
    { name: 'plain async call', open: openPlain },
    { name: 'EventEmitter', open: openEmitter },
    { name: 'RxJS', open: openRx },
    { name: 'p-queue', open: openQueue },
  ],
}

const readingOf = (index: number): Reading => ({ sensor: index % 16, value: 1 })

/** Counts what arrives, and tells when all of it has. */
class Total {
  #missing = 0
  #reached = (): void => undefined

  /** Begins to count down; the values of the readings are all 1. */
  expect(count: number): Promise<void> {
    this.#missing = count
    return new Promise((resolve) => (this.#reached = resolve))
  }

  add(readings: readonly Reading[]): void {
    for (const { value } of readings) this.#missing -= value
    if (this.#missing === 0) this.#reached()
  }
}

/** A probe that makes whole batches of readings and waits until all have been added up. */
function streams(effort: Effort, total: Total, produce: (count: number) => Promise<void>): Probe {
  const count = Math.ceil(effort.size(eventsPerBatch) / batchSize) * batchSize
  return probe(async () => {
    const begun = performance.now()
    const consumed = total.expect(count)
    await produce(count)
    await consumed
    return [(count * 1_000) / (performance.now() - begun)]
  })
}

async function openApp(total: Total) {
  const app = defineApp('bench', (app) => {
    const readings = app.bucket<Reading>('readings')
    const consume = app.fn<Reading>('consume', async ({ objects }) =>
      total.add(objects.map(({ value }) => value)),
    )
    const produce = app.fn<number>('produce', async ({ value: count }, { put }) => {
      for (let index = 0; index < count; index += 1) await put(readings, undefined, readingOf(index))
    })
    readings.when(byBatchSize({ count: batchSize }), consume)
    return { produce, readings }
  })
  return { runtime: await start(defineRuntime(), app), ...app.handles }
}

/** One function puts all events. */
async function openStigmergy(effort: Effort): Promise<Probe> {
  const total = new Total()
  const { runtime, produce } = await openApp(total)
  const { batch } = streams(effort, total, async (count) => void (await runtime.invoke(produce, count).ended))
  return probe(batch, () => runtime.close())
}

/** The events come from outside and belong to no session. */
async function openOutside(effort: Effort): Promise<Probe> {
  const total = new Total()
  const { runtime, readings } = await openApp(total)
  const { batch } = streams(effort, total, async (count) => {
    for (let index = 0; index < count; index += 1) await runtime.put(readings, undefined, readingOf(index))
  })
  return probe(batch, () => runtime.close())
}

function openPlain(effort: Effort): Probe {
  const total = new Total()
  const consume = async (readings: readonly Reading[]): Promise<void> => total.add(readings)
  return streams(effort, total, async (count) => {
    let readings: Reading[] = []
    for (let index = 0; index < count; index += 1) {
      if (readings.push(readingOf(index)) < batchSize) continue
      await consume(readings)
      readings = []
    }
  })
}

function openEmitter(effort: Effort): Probe {
  const total = new Total()
  const events = new EventEmitter()
  const consume = async (readings: readonly Reading[]): Promise<void> => total.add(readings)
  let gathered: Reading[] = []
  events.on('reading', (reading: Reading) => {
    if (gathered.push(reading) < batchSize) return
    events.emit('batch', gathered)
    gathered = []
  })
  events.on('batch', (readings: readonly Reading[]) => void consume(readings))
  return streams(effort, total, async (count) => {
    for (let index = 0; index < count; index += 1) events.emit('reading', readingOf(index))
  })
}

function openRx(effort: Effort): Probe {
  const total = new Total()
  const input = new Stream<Reading>()
  input
    .pipe(
      bufferCount(batchSize),
      concatMap(async (readings) => total.add(readings)),
    )
    .subscribe()
  return streams(effort, total, async (count) => {
    for (let index = 0; index < count; index += 1) input.next(readingOf(index))
  })
}

/** A queue has no batches of its own: the producer gathers, and adds a task for each 100. */
function openQueue(effort: Effort): Probe {
  const total = new Total()
  const queue = new PQueue()
  const consume = async (readings: readonly Reading[]): Promise<void> => total.add(readings)
  return streams(effort, total, async (count) => {
    let readings: Reading[] = []
    for (let index = 0; index < count; index += 1) {
      if (readings.push(readingOf(index)) < batchSize) continue
      const full = readings
      void queue.add(() => consume(full))
      readings = []
    }
    await queue.onIdle()
  })
}
