// Tokens.ObjectStore: where values live. Here in no more than a kilobyte of memory, and a put that finds no room fails at once.
import {
  byBatchSize,
  defineApp,
  defineRuntime,
  MemoryObjectStore,
  provideNew,
  start,
  StigmergyError,
  Tokens,
} from 'stigmergy'

export async function show(): Promise<string> {
  const app = defineApp('scans', (app) => {
    const scans = app.bucket<Uint8Array>('scans')
    scans.when(
      byBatchSize({ count: 10 }),
      app.fn('file', () => undefined),
    )
    return { scans }
  })
  const store = provideNew(
    Tokens.ObjectStore,
    ({ clock }) => new MemoryObjectStore({ clock, limitBytes: 1_024, waitMs: 0 }),
    { clock: Tokens.Clock },
  )
  await using runtime = await start(defineRuntime({ provide: [store] }), app)
  const { scans } = app.handles
  const first = await runtime.put(scans, 'one', new Uint8Array(900))
  const second = await runtime.put(scans, 'two', new Uint8Array(900)).catch((error: unknown) => error)
  return `${first}, ${StigmergyError.is(second) ? second.code : String(second)}`
}
