import { defineApp, defineRuntime, immediate, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { Stopwatch } from '../stopwatch.js'

const hopsPerBatch = 200

/** The work: a function hands bytes to the next, which looks at the last one. One hop per session, so that none has 2 values. */
export const largeHop: Case = {
  name: 'hop-100mb',
  figure: 'a hop as in `hop`, one per session, with 100 MB of bytes that the next function reads in place',
  unit: 'µs',
  rounds: 60,
  subjects: [
    { name: ours, open: (effort) => openStigmergy(effort, 100_000_000) },
    { name: `${ours}, 100 bytes`, open: (effort) => openStigmergy(effort, 100) },
    { name: 'plain async call', open: (effort) => openPlain(effort, 100_000_000) },
  ],
}

async function openStigmergy(effort: Effort, bytes: number): Promise<Probe> {
  const watch = new Stopwatch()
  const sent = new Uint8Array(bytes).fill(1)
  const app = defineApp('bench', (app) => {
    const items = app.bucket<Uint8Array>('items')
    const receive = app.fn<Uint8Array>('receive', async (fired) => {
      watch.stop()
      check(fired.value, bytes)
    })
    const send = app.fn<null>('send', async (_fired, { put }) => {
      watch.start()
      await put(items, undefined, sent)
    })
    items.when(immediate(), receive)
    return { send }
  })
  const runtime = await start(defineRuntime(), app)
  return probe(
    async () => {
      for (let hops = effort.size(hopsPerBatch); hops > 0; hops -= 1)
        await runtime.invoke(app.handles.send, null).ended
      return watch.take()
    },
    () => runtime.close(),
  )
}

function openPlain(effort: Effort, bytes: number): Probe {
  const watch = new Stopwatch()
  const sent = new Uint8Array(bytes).fill(1)
  const receive = async (value: Uint8Array): Promise<void> => {
    watch.stop()
    check(value, bytes)
  }
  return probe(async () => {
    for (let hops = effort.size(hopsPerBatch); hops > 0; hops -= 1) {
      watch.start()
      await receive(sent)
    }
    return watch.take()
  })
}

function check(value: Uint8Array, bytes: number): void {
  if (value.at(-1) !== 1 || value.byteLength !== bytes)
    throw new Error('These are not the bytes that were sent')
}
