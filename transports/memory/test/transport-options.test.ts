import { StigmergyError, type Transport } from '@stigmergy/core'
import test from 'ava'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { memory, MemoryNetwork, MemoryTransport } from '../src/index.js'

const ignore = (): void => undefined
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function pair(transport: Transport) {
  const received: { from: string; text: string }[] = []
  const receive = (frame: Uint8Array, from: string): void => {
    received.push({ from, text: Buffer.from(frame).toString() })
  }
  const receiver = await transport.open({ address: 'receiver', receive })
  const sender = await transport.open({ address: 'sender', receive: ignore })
  return { receiver, sender, received }
}

test('a limit that is not a whole number from 1 is refused', (t) => {
  for (const value of [0, -1, 1.5, NaN, Infinity])
    for (const name of ['maxFrameBytes', 'maxQueuedFrames', 'maxQueuedBytes']) {
      const error = t.throws(() => new MemoryTransport({ [name]: value }))
      t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
    }
})

test('maxFrameBytes is what its endpoints say and keep', async (t) => {
  await using transport = memory({ maxFrameBytes: 4 })
  const { sender } = await pair(transport)
  t.is(sender.maxFrameBytes, 4)
  t.is(sender.offer('receiver', new Uint8Array(4)), 'sent')
  const error = t.throws(() => sender.offer('receiver', new Uint8Array(5)))
  t.true(StigmergyError.is(error, 'STG_TRANSPORT_FRAME_TOO_LARGE'))
})

test('maxQueuedFrames bounds the frames from one sender to one receiver', async (t) => {
  await using transport = memory({ maxQueuedFrames: 2 })
  const { sender } = await pair(transport)
  const other = await transport.open({ address: 'other', receive: ignore })
  const offer = (): string => sender.offer('receiver', new Uint8Array(1))
  t.deepEqual([offer(), offer(), offer()], ['sent', 'sent', 'full'])
  t.is(other.offer('receiver', new Uint8Array(1)), 'sent')
})

test('maxQueuedBytes bounds the bytes, and lets a larger frame into an empty queue', async (t) => {
  await using transport = memory({ maxQueuedBytes: 100 })
  const { sender } = await pair(transport)
  const offer = (bytes: number): string => sender.offer('receiver', new Uint8Array(bytes))
  t.deepEqual([offer(60), offer(41), offer(40), offer(1)], ['sent', 'full', 'sent', 'full'])
  await sender.writable('receiver')
  await nextTurn()
  t.is(offer(101), 'sent')
})

test('transports see each other when they share a network, and only then', async (t) => {
  const network = new MemoryNetwork()
  await using one = new MemoryTransport({ network })
  await using other = new MemoryTransport({ network })
  await using stranger = new MemoryTransport()
  const { sender } = await pair(one)
  await other.open({ address: 'on the other', receive: ignore })
  await stranger.open({ address: 'on the stranger', receive: ignore })
  t.is(sender.offer('on the other', new Uint8Array(1)), 'sent')
  t.is(sender.offer('on the stranger', new Uint8Array(1)), 'closed')
})

test('a sender with much to say does not keep another one waiting', async (t) => {
  await using transport = memory()
  const { sender, received } = await pair(transport)
  const other = await transport.open({ address: 'other', receive: ignore })
  for (let frames = 0; frames < 500; frames += 1) sender.offer('receiver', Buffer.from('again'))
  other.offer('receiver', Buffer.from('once'))
  await nextTurn()
  t.deepEqual(received[1], { from: 'other', text: 'once' })
})

test('a sender that opens again is heard after what it sent before', async (t) => {
  await using transport = memory()
  const { sender, received } = await pair(transport)
  sender.offer('receiver', Buffer.from('first'))
  sender.offer('receiver', Buffer.from('second'))
  await sender.close()
  const successor = await transport.open({ address: 'sender', receive: ignore })
  successor.offer('receiver', Buffer.from('third'))
  await nextTurn()
  t.deepEqual(
    received.map(({ text }) => text),
    ['first', 'second', 'third'],
  )
})

test('without onError, what receive throws is an uncaught exception', (t) => {
  const program = fileURLToPath(new URL('fixtures/throwing-receiver.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', program], {
    encoding: 'utf8',
  })
  t.not(status, 0)
  t.regex(stderr, /thrown by receive/)
  t.is(stdout, '')
})
