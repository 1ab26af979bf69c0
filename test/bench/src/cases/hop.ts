import { EventEmitter } from 'node:events'
import PQueue from 'p-queue'
import { mergeMap, Subject as Stream } from 'rxjs'
import { defineApp, defineRuntime, immediate, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { Stopwatch } from '../stopwatch.js'

/** Hops of one session. More would meet the limit of `immediate` that stops loops. */
const chainLength = 1_000

/**
 * The work: async code hands a number to an async function. A lap begins right before the hand-over and ends in the first line
 * of the function, so it leaves out what happens afterwards; `chain-1000` has that too. Ours is a chain of functions, each of
 * which puts for the next; the peers, whose hand-overs are mere calls, do it in a loop, since a chain would fill the stack.
 */
export const hop: Case = {
  name: 'hop',
  figure: 'from `put` to the first line of the function that runs next, by an `Immediate` trigger',
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

async function openStigmergy(effort: Effort): Promise<Probe> {
  const watch = new Stopwatch()
  const app = defineApp('bench', (app) => {
    const items = app.bucket<number>('items')
    const step = app.fn<number>('step', async (fired, { put }) => {
      watch.stop()
      const { value } = fired
      if (value === 0) return
      watch.start()
      await put(items, undefined, value - 1)
    })
    const begin = app.fn<number>('begin', async ({ value }, { put }) => {
      watch.start()
      await put(items, undefined, value - 1)
    })
    items.when(immediate(), step)
    return { begin }
  })
  const runtime = await start(defineRuntime(), app)
  const hops = effort.size(chainLength)
  return probe(
    async () => {
      await runtime.invoke(app.handles.begin, hops).ended
      return watch.take()
    },
    () => runtime.close(),
  )
}

/** A probe of hand-overs from one loop, each to a function whose first line stops the watch. */
function handOvers(effort: Effort, watch: Stopwatch, handOver: (value: number) => unknown): Probe {
  return probe(async () => {
    for (let value = effort.size(chainLength); value > 0; value -= 1) {
      watch.start()
      await handOver(value)
    }
    return watch.take()
  })
}

function openPlain(effort: Effort): Probe {
  const watch = new Stopwatch()
  const step = async (_value: number): Promise<void> => watch.stop()
  return handOvers(effort, watch, step)
}

/** A listener runs within `emit`, which waits for nothing. */
function openEmitter(effort: Effort): Probe {
  const watch = new Stopwatch()
  const step = async (_value: number): Promise<void> => watch.stop()
  const events = new EventEmitter()
  events.on('item', (value: number) => void step(value))
  return handOvers(effort, watch, (value) => events.emit('item', value))
}

/** An async function of a stream is an inner stream, which `mergeMap` subscribes to at once. */
function openRx(effort: Effort): Probe {
  const watch = new Stopwatch()
  const step = async (_value: number): Promise<void> => watch.stop()
  const items = new Stream<number>()
  items.pipe(mergeMap(step)).subscribe()
  return handOvers(effort, watch, (value) => items.next(value))
}

function openQueue(effort: Effort): Probe {
  const watch = new Stopwatch()
  const step = async (_value: number): Promise<void> => watch.stop()
  const queue = new PQueue()
  return handOvers(effort, watch, (value) => queue.add(() => step(value)))
}
