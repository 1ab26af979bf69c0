import { ManualClock } from '@stigmergy/conformance'
import { MemoryTransport } from '@stigmergy/transport-memory'
import test from 'ava'
import { Calls } from '../src/cluster/calls.js'
import { Neighbours } from '../src/cluster/neighbours.js'
import { StigmergyError, type Transport } from '../src/index.js'

interface Message {
  readonly names: string[]
}

const timeoutMs = 100

/** A transport that counts the frames that are offered to it. */
function counting(): { readonly transport: Transport; frames: number } {
  const inner = new MemoryTransport()
  const counted = {
    frames: 0,
    transport: Object.create(inner, {
      open: {
        value: async (...[options]: Parameters<Transport['open']>) => {
          const endpoint = await inner.open(options)
          const offer = (to: string, frame: Uint8Array): ReturnType<typeof endpoint.offer> => {
            counted.frames += 1
            return endpoint.offer(to, frame)
          }
          return Object.create(endpoint, {
            maxFrameBytes: { value: 1_000 },
            offer: { value: offer },
            close: { value: () => endpoint.close() },
          }) as typeof endpoint
        },
      },
    }) as Transport,
  }
  return counted
}

/** Two ends of calls, of which `b` answers. */
async function pair(answer: (message: Message, from: string) => Promise<unknown>, areNeighbours = true) {
  const clock = new ManualClock()
  const counted = counting()
  const common = { transport: counted.transport, clock, maxCalls: 2, timeoutMs }
  const near = areNeighbours ? { neighbours: new Neighbours() } : {}
  const a = new Calls<Message>({ ...common, ...near, address: 'a', answer: () => Promise.resolve() })
  const b = new Calls<Message>({ ...common, ...near, address: 'b', answer })
  await a.open()
  await b.open()
  return { a, b, clock, frames: () => counted.frames }
}

const never = (): Promise<never> => new Promise(() => undefined)

for (const areNeighbours of [true, false])
  test(`${areNeighbours ? 'neighbours call each other without frames' : 'others call each other with frames'}`, async (t) => {
    const { a, frames } = await pair(async ({ names }, from) => [...names, from], areNeighbours)
    t.deepEqual(await a.call('b', { names: ['x'] }), ['x', 'a'])
    t.is(frames(), areNeighbours ? 0 : 2)
  })

test('what one neighbour changes of a message or an answer does not change it for the other', async (t) => {
  const kept: string[][] = []
  const { a } = await pair(async ({ names }) => {
    kept.push(names)
    return names
  })
  const message = { names: ['x'] }
  const called = a.call('b', message)
  message.names.push('later')
  t.deepEqual(kept, [], 'a call is answered behind what is being done')
  const answer = (await called) as string[]
  answer.push('later')
  t.deepEqual(kept, [['x']])
})

test('a neighbour refuses with what it throws, as any other', async (t) => {
  const { a } = await pair(async () => {
    throw new StigmergyError('STG_SHARD_MOVED', 'gone', { retryable: true, details: { shard: 1 } })
  })
  await t.throwsAsync(a.call('b', { names: [] }), {
    instanceOf: StigmergyError,
    code: 'STG_SHARD_MOVED',
    message: 'gone',
  })
})

test('a message to a neighbour is as large as a frame, at most', async (t) => {
  const { a } = await pair(async () => 'heard')
  await t.throwsAsync(a.call('b', { names: ['x'.repeat(1_000)] }), { code: 'STG_TRANSPORT_FRAME_TOO_LARGE' })
})

test('calls to neighbours count, and are given up', async (t) => {
  const { a, clock } = await pair(never)
  const calls = [a.call('b', { names: [] }), a.call('b', { names: [] })]
  await t.throwsAsync(a.call('b', { names: [] }), { code: 'STG_WORKER_BUSY' })
  clock.advance(timeoutMs)
  for (const call of calls)
    await t.throwsAsync(call, { code: 'STG_CLUSTER_UNAVAILABLE', message: /in 100 ms/ })
})

test('calls to a neighbour that closes are not waited for, and it hears none any more', async (t) => {
  let heard = 0
  const { a, b, frames } = await pair(() => {
    heard += 1
    return never()
  })
  const call = a.call('b', { names: [] })
  await b.close()
  await t.throwsAsync(call, { code: 'STG_CLUSTER_UNAVAILABLE', message: /connection was lost/ })
  const before = heard
  void a.call('b', { names: [] }).catch(() => undefined)
  await a.close()
  t.is(heard, before)
  t.is(frames(), 1, 'whether it is anywhere else is for the transport to say')
})
