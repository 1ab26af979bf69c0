// Tokens.Codec: what counts as the same content. Here two objects of one key are the same when their JSON is.
import { type Codec, defineApp, defineRuntime, immediate, provideNew, start, Tokens } from 'stigmergy'

class JsonCodec implements Codec {
  encode(value: unknown): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(value ?? null))
  }

  decode(bytes: Uint8Array): unknown {
    return JSON.parse(new TextDecoder().decode(bytes))
  }
}

export async function show(): Promise<string> {
  const app = defineApp('visits', (app) => {
    const visits = app.bucket<object>('visits')
    visits.when(
      immediate(),
      app.fn('note', () => undefined),
    )
    return { visits }
  })
  await using runtime = await start(
    defineRuntime({ provide: [provideNew(Tokens.Codec, () => new JsonCodec())] }),
    app,
  )
  const session = runtime.session()
  const first = await session.put(app.handles.visits, 'Ada', { on: new Date(0) })
  const second = await session.put(app.handles.visits, 'Ada', { on: '1970-01-01T00:00:00.000Z' })
  await session.end()
  return `${first}, ${second}`
}
