import { StigmergyError, type ErrorCode, type FoundedNode, type NodeMember } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { existsSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { socket, type SocketOptions } from '../src/index.js'
import { joinNode } from '../src/join.js'
import { Host } from './support/host.js'
import { isNumbered } from './support/numbered.js'
import { until } from './support/until.js'
import { passedOn } from './support/world.js'

const ignore = (): void => undefined

async function found(t: ExecutionContext, members: number, options?: SocketOptions): Promise<FoundedNode> {
  const node = await socket(options).found({ workers: 'thread', members })
  t.teardown(() => node.close())
  return node
}

async function fails(t: ExecutionContext, code: ErrorCode, call: () => Promise<unknown>): Promise<void> {
  const error = await t.throwsAsync(call, { instanceOf: StigmergyError })
  t.is(error.code, code)
}

/** An endpoint that keeps what it hears, in order: frames as text, and losses. */
async function listener(member: NodeMember, address: string) {
  const heard: string[] = []
  const endpoint = await member.transport.open({
    address,
    receive: (frame, from) => void heard.push(`${from}: ${Buffer.from(frame).toString()}`),
    onLost: (peer) => void heard.push(`${peer} is lost`),
  })
  return Object.assign(endpoint, { heard })
}

function pathOf({ data }: { readonly data: unknown }): string {
  return (data as { readonly path: string }).path
}

test('members read and write their own stores, and say that they copy', async (t) => {
  const node = await found(t, 2)
  const member = await joinNode(passedOn(node.admit().data))
  t.teardown(() => member.close())
  t.deepEqual([node.member.number, member.number], [0, 1])
  t.deepEqual([node.member.copiesValues, member.copiesValues], [true, true])
  t.is(member.store.read(await member.store.put('value', 5)), 'value')
  t.is(node.member.store.usage.objects, 0)
})

test('a node has no more members than it was founded for', async (t) => {
  const node = await found(t, 3)
  t.deepEqual([node.admit().member, node.admit().member], [1, 2])
  const error = t.throws(() => node.admit())
  t.true(StigmergyError.is(error, 'STG_NODE_FULL'))
  node.bury(1)
  t.is(node.admit().member, 1)
})

test('a ticket is good once', async (t) => {
  const node = await found(t, 3)
  const { data } = node.admit()
  const member = await joinNode(data)
  t.teardown(() => member.close())
  await fails(t, 'STG_NODE_UNAVAILABLE', () => joinNode(data))
})

test('a wrong token, a token for another place and a buried one are refused', async (t) => {
  const node = await found(t, 3)
  const [one, other] = [node.admit(), node.admit()]
  const forged = { ...(one.data as object), token: Buffer.alloc(32).toString('base64') }
  const short = { ...(one.data as object), token: '' }
  const swapped = { ...(one.data as object), member: other.member }
  for (const data of [forged, short, swapped]) await fails(t, 'STG_NODE_UNAVAILABLE', () => joinNode(data))
  node.bury(one.member)
  await fails(t, 'STG_NODE_UNAVAILABLE', () => joinNode(one.data))
  const member = await joinNode(other.data)
  await member.close()
})

test('what is not a ticket is refused', async (t) => {
  for (const data of [undefined, null, 'ticket', {}, { path: '/tmp', member: 1, token: '' }])
    await fails(t, 'STG_NODE_UNAVAILABLE', () => joinNode(data))
})

test('whoever talks without a ticket is cut off, and nobody else notices', async (t) => {
  const node = await found(t, 2)
  const { data } = node.admit()
  const stranger = createConnection(pathOf({ data }))
  stranger.on('error', ignore)
  stranger.write('GET / HTTP/1.1\r\n\r\n')
  await once(stranger.resume(), 'close')
  const member = await joinNode(data)
  await member.close()
  t.is(member.number, 1)
})

if (process.platform !== 'win32')
  test('the socket is in a directory that nobody else can enter, and that goes with the node', async (t) => {
    const node = await found(t, 2)
    const directory = dirname(pathOf(node.admit()))
    t.is(statSync(directory).mode & 0o777, 0o700)
    await node.close()
    t.false(existsSync(directory))
  })

test('a directory that is not there cannot have a node', async (t) => {
  for (const directory of ['/nowhere/at all', `/tmp/${'x'.repeat(200)}`])
    await fails(t, 'STG_NODE_UNAVAILABLE', () =>
      socket({ directory }).found({ workers: 'thread', members: 2 }),
    )
})

test('options and counts that cannot be are refused', async (t) => {
  const wrong = [
    { maxFrameBytes: 0 },
    { maxQueuedFrames: 1.5 },
    { limitBytes: -1 },
    { directory: '' },
    { size: 1 },
  ]
  for (const options of wrong) {
    const error = t.throws(() => socket(options as SocketOptions))
    t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
  }
  for (const members of [0, 1.5, 2_000])
    await fails(t, 'STG_CONFIG_INVALID', () => socket().found({ workers: 'thread', members }))
})

test('a member that is buried is lost to its peers after what it had sent, and its place has no memory', async (t) => {
  const node = await found(t, 3)
  const [first, second] = [await joinNode(node.admit().data), await joinNode(node.admit().data)]
  const home = await listener(node.member, 'home')
  const peer = await listener(second, 'peer')
  const buried = await listener(first, 'worker')
  await until(() => buried.offer('home', Buffer.from('a')) === 'sent')
  await until(() => buried.offer('peer', Buffer.from('b')) === 'sent')
  for (const to of ['home', 'peer']) buried.offer(to, Buffer.from('c'))
  await new Promise((resolve) => process.nextTick(resolve)) // now the system has them
  node.bury(1)
  t.is(home.offer('worker', Buffer.from('nobody')), 'closed')
  await until(() => home.heard.length === 3 && peer.heard.length === 3)
  t.deepEqual(home.heard, ['worker: a', 'worker: c', 'worker is lost'])
  t.deepEqual(
    peer.heard,
    ['worker: a', 'worker: c', 'worker is lost'].map((each) => each.replace(' a', ' b')),
  )

  const successor = await joinNode(node.admit().data)
  const again = await listener(successor, 'worker')
  t.is(home.offer('worker', Buffer.from('d')), 'sent')
  await until(() => again.heard.length === 1)
  t.deepEqual(again.heard, ['home: d'])
  for (const member of [first, second, successor]) await member.close()
})

test('the buried member itself loses everybody, and opens nothing any more', async (t) => {
  const node = await found(t, 2)
  const member = await joinNode(node.admit().data)
  const home = await listener(node.member, 'home')
  const worker = await listener(member, 'worker')
  t.is(worker.offer('home', Buffer.from('a')), 'sent')
  await until(() => home.heard.length === 1)
  node.bury(1)
  await until(() => worker.heard.length === 1)
  t.deepEqual(worker.heard, ['home is lost'])
  t.is(worker.offer('home', Buffer.from('b')), 'closed')
  await fails(t, 'STG_CLOSED', () => member.transport.open({ address: 'more', receive: ignore }))
  await member.close()
})

test('burying nobody changes nothing, and nobody is nobody', async (t) => {
  const node = await found(t, 2)
  node.bury(1)
  t.is(node.admit().member, 1)
  for (const member of [0, 2, 0.5, -1]) t.throws(() => node.bury(member), { instanceOf: TypeError })
})

test('a member that leaves is not lost', async (t) => {
  const node = await found(t, 2)
  const member = await joinNode(node.admit().data)
  const home = await listener(node.member, 'home')
  const worker = await listener(member, 'worker')
  worker.offer('home', Buffer.from('good-bye'))
  await member.close()
  await until(() => home.heard.length > 0 && home.offer('worker', Buffer.from('a')) === 'closed')
  node.bury(1)
  await node.member.transport.open({ address: 'another', receive: ignore })
  t.deepEqual(home.heard, ['worker: good-bye'])
})

test('the close of a node ends all memberships; it can be closed again, and does nothing more', async (t) => {
  const node = await found(t, 3)
  const member = await joinNode(node.admit().data)
  const worker = await listener(member, 'worker')
  await listener(node.member, 'home')
  await until(() => worker.offer('home', Buffer.from('a')) === 'sent')
  await Promise.all([node.close(), node.close()])
  await until(() => worker.offer('home', Buffer.from('b')) === 'closed')
  const error = t.throws(() => node.admit())
  t.true(StigmergyError.is(error, 'STG_CLOSED'))
  await member.close()
  await member.close()
})

test('the founder knows the words of all, a member its own and those of the founder', async (t) => {
  const node = await found(t, 3)
  node.member.load.set(2, 7)
  const [one, other] = [await joinNode(node.admit().data), await joinNode(node.admit().data)]
  one.load.set(0, 2 ** 32 - 1)
  one.load.set(1, 4)
  one.load.set(1, 5)
  node.member.load.set(15, 9)
  await until(() => node.member.load.get(1, 1) === 5 && other.load.get(0, 15) === 9)
  t.is(node.member.load.get(1, 0), 2 ** 32 - 1)
  t.deepEqual([one.load.get(1, 1), one.load.get(0, 2), other.load.get(1, 1)], [5, 7, 0])
  t.throws(() => one.load.get(3, 0), { instanceOf: RangeError })
  t.throws(() => one.load.get(0, 16 as never), { instanceOf: RangeError })
  node.bury(1)
  t.is(node.member.load.get(1, 0), 0)
  await one.close()
  await other.close()
})

test('a frame that is larger than the queue is taken when the queue is empty', async (t) => {
  const node = await found(t, 2, { maxQueuedBytes: 1_000 })
  const member = await joinNode(node.admit().data)
  const sizes: number[] = []
  await node.member.transport.open({ address: 'home', receive: ({ length }) => void sizes.push(length) })
  const worker = await listener(member, 'worker')
  const large = new Uint8Array(50_000_000)
  await until(() => worker.offer('home', large) === 'sent')
  t.is(worker.offer('home', large), 'full')
  await worker.writable('home')
  t.is(worker.offer('home', large), 'sent')
  await until(() => sizes.length === 2)
  t.deepEqual(sizes, [large.length, large.length])
  await member.close()
})

test('what a process had sent when it was killed arrives whole, then its loss', async (t) => {
  const node = await found(t, 2)
  const child = new Host('process')
  const broken: number[] = []
  const lost: string[] = []
  let received = 0
  const home = await node.member.transport.open({
    address: 'home',
    receive: (frame) => {
      if (lost.length > 0 || !isNumbered(frame, received)) broken.push(received)
      received += 1
    },
    onLost: (peer) => void lost.push(peer),
  })
  await child.flood(node.admit(), 'flood', 'home')
  await until(() => received > 2_000)
  const stopped = child.stop()
  await until(() => {
    home.offer('flood', new Uint8Array(100)) // writes that fail do not prevent reading
    return lost.length > 0
  })
  await stopped
  t.deepEqual([broken, lost], [[], ['flood']])
  t.is(home.offer('flood', new Uint8Array(1)), 'closed')
  node.bury(1)
  t.is(node.admit().member, 1)
})
