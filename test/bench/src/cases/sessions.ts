import { defineApp, defineRuntime, immediate, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { timePer } from '../stopwatch.js'

const sessionsPerBatch = 10_000

/** The work: a request runs a function, that hands its argument to a second, that replies. One after the other, a million times. */
export const sessions: Case = {
  name: 'sessions-1m',
  figure:
    'a session of two functions and one object, when 1,000,000 run one after the other; also peak RSS and growth of the heap',
  unit: 'µs',
  // Every turn is two batches, and one of them counts.
  rounds: 50,
  memory: true,
  subjects: [
    { name: ours, open: openStigmergy },
    { name: 'plain async call', open: openPlain },
  ],
}

async function openStigmergy(effort: Effort): Promise<Probe> {
  const app = defineApp('bench', (app) => {
    const items = app.bucket<number>('items')
    const second = app.fn<number, number>('second', async ({ value }, { reply }) => reply(value + 1))
    const first = app.fn<number, number>('first', async ({ value }, { put }) => {
      await put(items, undefined, value + 1)
    })
    items.when(immediate(), second)
    return { first }
  })
  const runtime = await start(defineRuntime(), app)
  const { batch } = manySessions(effort, () => runtime.invoke(app.handles.first, 1).result)
  return probe(batch, () => runtime.close())
}

function openPlain(effort: Effort): Probe {
  const second = async (value: number): Promise<number> => value + 1
  const first = async (value: number): Promise<number> => second(value + 1)
  return manySessions(effort, () => first(1))
}

function manySessions(effort: Effort, run: () => Promise<number>): Probe {
  const count = effort.size(sessionsPerBatch)
  return probe(() =>
    timePer(count, async () => {
      for (let done = 0; done < count; done += 1) await run()
    }),
  )
}
