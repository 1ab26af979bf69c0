import { NatsServer } from '@stigmergy-test/nats-server'
import { StigmergyError, type ClusterMember } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { nats, type NatsOptions } from '../src/index.js'
import { PretendedServer } from './support/pretended-server.js'
import { Proxy } from './support/proxy.js'
import { until } from './support/until.js'
import { newCluster } from './support/world.js'

async function isUnavailable(
  t: ExecutionContext,
  promise: Promise<unknown>,
  message = /./,
): Promise<StigmergyError> {
  const error = await t.throwsAsync(promise, { instanceOf: StigmergyError })
  t.is(error.code, 'STG_CLUSTER_UNAVAILABLE')
  t.regex(error.message, message)
  return error
}

/** One behind a proxy, one that reaches the server directly. */
async function joinBoth(
  server: NatsServer,
  proxy: Proxy,
  options: Partial<NatsOptions> = {},
): Promise<readonly [ClusterMember, ClusterMember]> {
  const cluster = newCluster()
  const behind = await nats({ servers: proxy.url, ...options }).join({ cluster })
  return [behind, await nats({ servers: server.url, ...options }).join({ cluster })]
}

const record = new Uint8Array([1])

test('an append that was stored and not answered is stored once when it is repeated', async (t) => {
  await using server = await NatsServer.start()
  await using proxy = await Proxy.to(server.port)
  const [behind, direct] = await joinBoth(server, proxy)
  await using one = behind
  await using other = direct
  proxy.swallow()
  const unanswered = isUnavailable(t, one.journal.append('subject', record, { after: 0, id: 'id' }))
  let stored = 0
  while (stored === 0) stored = await other.journal.last('subject')
  proxy.cut()
  await unanswered
  t.is(await one.journal.append('subject', record, { after: 0, id: 'id' }), stored)
  t.is((await one.journal.read('subject')).length, 1)
})

test('a record and its id survive the stop of the server', async (t) => {
  await using server = await NatsServer.start()
  await using member = await nats({ servers: server.url }).join({ cluster: newCluster() })
  const seq = await member.journal.append('subject', record, { after: 0, id: 'id' })
  await server.stop()
  await server.resume()
  t.is(await member.journal.append('subject', record, { after: 0, id: 'id' }), seq)
  t.is((await member.journal.read('subject')).length, 1)
})

test('both ends are told that frames may be lost when the server stops, and send again when it is back', async (t) => {
  await using server = await NatsServer.start()
  const cluster = newCluster()
  await using one = await nats({ servers: server.url }).join({ cluster })
  await using other = await nats({ servers: server.url }).join({ cluster })
  const heard: string[] = []
  const lost: string[] = []
  const options = (address: string) => ({
    address,
    receive: (frame: Uint8Array) => heard.push(`${address} ${Buffer.from(frame).toString()}`),
    onLost: (peer: string) => lost.push(`${address} ${peer}`),
  })
  await using sender = await one.transport.open(options('sender'))
  await using receiver = await other.transport.open(options('receiver'))
  await until(() => sender.offer('receiver', Buffer.from('before')) === 'sent', 'A first frame')
  await until(() => receiver.offer('sender', Buffer.from('before')) === 'sent', 'An answer')
  await until(() => heard.length === 2, 'Their arrival')
  await server.stop()
  await until(() => lost.length === 2, 'The loss')
  t.deepEqual(lost.sort(), ['receiver sender', 'sender receiver'])
  await server.resume()
  // What is sent to a receiver that is not quite back is lost, and told as lost again.
  let told = -1
  const arrives = (): boolean => {
    if (lost.length > told && sender.offer('receiver', Buffer.from('after')) === 'sent') told = lost.length
    return heard.includes('receiver after')
  }
  await until(arrives, 'The arrival of a frame afterwards')
  t.deepEqual(heard.sort(), ['receiver after', 'receiver before', 'sender before'])
})

test('what a slow receiver does not take is bounded, and arrives when it does', async (t) => {
  await using server = await NatsServer.start()
  await using proxy = await Proxy.to(server.port)
  const limits = { maxQueuedFrames: 64, maxQueuedBytes: 2 ** 16 }
  const [behind, direct] = await joinBoth(server, proxy, limits)
  await using one = behind
  await using other = direct
  const heard: number[] = []
  const lost: string[] = []
  await using slow = await one.transport.open({
    address: 'slow',
    receive: (frame) => heard.push(frame[0]!),
  })
  await using sender = await other.transport.open({
    address: 'sender',
    receive: () => undefined,
    onLost: (peer) => lost.push(peer),
  })
  await until(() => sender.offer(slow.address, new Uint8Array([255])) === 'sent', 'A first frame')
  await until(() => heard.length === 1, 'Its arrival')
  proxy.pause()
  let sent = 0
  while (sender.offer(slow.address, new Uint8Array([sent])) === 'sent') sent += 1
  t.true(sent > 0 && sent <= limits.maxQueuedFrames, `${sent} frames were under way`)
  proxy.resume()
  await sender.writable(slow.address)
  await until(() => heard.length === 1 + sent, 'The arrival of all')
  t.deepEqual(heard.slice(1), [...Array(sent).keys()])
  t.deepEqual(lost, [])
})

test('a receiver that is cut off with frames under way is told as lost, and hears again afterwards', async (t) => {
  await using server = await NatsServer.start()
  await using proxy = await Proxy.to(server.port)
  const [behind, direct] = await joinBoth(server, proxy)
  await using one = behind
  await using other = direct
  let heard = 0
  let lost = 0
  await using slow = await one.transport.open({ address: 'slow', receive: () => (heard += 1) })
  await using sender = await other.transport.open({
    address: 'sender',
    receive: () => undefined,
    onLost: () => (lost += 1),
  })
  const offer = () => sender.offer(slow.address, new Uint8Array(2 ** 16))
  await until(() => offer() === 'sent', 'A first frame')
  await until(() => heard === 1, 'Its arrival')
  proxy.pause()
  for (let isFull = false; !isFull;) isFull = offer() === 'full'
  const before = heard
  proxy.cut()
  await until(() => lost > 0, 'The loss')
  await until(() => offer() === 'sent' && heard > before, 'The arrival of a frame afterwards')
  t.true(heard > before)
})

test('frames and records are as large as the server lets messages be', async (t) => {
  await using server = await NatsServer.start({ config: 'max_payload: 131072' })
  const cluster = newCluster()
  await using one = await nats({ servers: server.url }).join({ cluster })
  await using other = await nats({ servers: server.url }).join({ cluster })
  let heard = 0
  await using receiver = await other.transport.open({
    address: 'receiver',
    receive: (frame) => (heard = frame.length),
  })
  await using sender = await one.transport.open({ address: 'sender', receive: () => undefined })
  const { maxFrameBytes } = sender
  t.true(maxFrameBytes > 130_000 && maxFrameBytes < 131_072)
  const largest = new Uint8Array(maxFrameBytes)
  await until(() => sender.offer(receiver.address, largest) === 'sent', 'The largest frame')
  await until(() => heard === maxFrameBytes, 'Its arrival')
  const error = t.throws(() => sender.offer(receiver.address, new Uint8Array(maxFrameBytes + 1)))
  t.true(StigmergyError.is(error, 'STG_TRANSPORT_FRAME_TOO_LARGE'))
  const { maxRecordBytes } = one.journal
  t.true(maxRecordBytes > 130_000 && maxRecordBytes < 131_072)
  t.true((await one.journal.append('subject', new Uint8Array(maxRecordBytes))) > 0)
  await t.throwsAsync(one.journal.append('subject', new Uint8Array(maxRecordBytes + 1)), {
    instanceOf: TypeError,
  })
})

test('a server that takes no messages of a register is refused, with what to set', async (t) => {
  await using server = await NatsServer.start({ config: 'max_payload: 65536' })
  const joining = nats({ servers: server.url }).join({ cluster: newCluster() })
  const error = await isUnavailable(t, joining, /set its max_payload to 131072 at least/)
  t.false(error.retryable)
})

test('a server without JetStream is refused, with how to start it', async (t) => {
  await using server = await NatsServer.start({ maxFileStore: 0 })
  const joining = nats({ servers: server.url, requestMs: 1_500 }).join({ cluster: newCluster() })
  await isUnavailable(t, joining, /nats-server --jetstream/)
})

test('a server that is too old is refused, with the version that is needed', async (t) => {
  await using server = await PretendedServer.start({ version: '2.8.4' })
  const joining = nats({ servers: server.url }).join({ cluster: newCluster() })
  const error = await isUnavailable(t, joining, /version 2\.8\.4.*from 2\.9 on/)
  t.false(error.retryable)
})

test('a server that is not there is told by its address', async (t) => {
  const joining = nats({ servers: 'nats://127.0.0.1:1' }).join({ cluster: newCluster() })
  const error = await isUnavailable(t, joining, /127\.0\.0\.1:1.*see that one runs there/)
  t.true(error.retryable)
})

test('a journal for which the servers have no more space is full, and has what was stored', async (t) => {
  await using server = await NatsServer.start({ maxFileStore: 2 ** 20 })
  await using member = await nats({ servers: server.url }).join({ cluster: newCluster() })
  const stored: number[] = []
  const fill = async (): Promise<void> => {
    while (stored.length < 64) stored.push(await member.journal.append('subject', new Uint8Array(2 ** 16)))
  }
  const error = await t.throwsAsync(fill(), { instanceOf: StigmergyError })
  t.is(error.code, 'STG_JOURNAL_FULL')
  t.regex(error.message, /trim it, raise maxJournalBytes, or give the servers more space/)
  t.deepEqual(
    (await member.journal.read('subject')).map(({ seq }) => seq),
    stored,
  )
})
