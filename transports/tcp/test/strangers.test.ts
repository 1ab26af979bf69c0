import { ManualClock } from '@stigmergy/conformance'
import test from 'ava'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import { tcp, type TcpValuePort } from '../src/index.js'
import { codeOf, holds, lend, node, patterned, secret, until, wiredNode } from './support/ports.js'

async function call({ listening }: TcpValuePort): Promise<Socket> {
  const socket = connect(Number(listening.split(':').at(-1)), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.resume().once('close', () => resolve()))
}

test('bytes that are no greeting are cut off, whatever they are', async (t) => {
  const lender = await node(t)
  const texts = [
    'GET / HTTP/1.1\r\n\r\n',
    '\0\0',
    '\xff\xff',
    'STGV\x01',
    ...Array.from({ length: 20 }, () => randomBytes(200)),
  ]
  for (const text of texts) {
    const socket = await call(lender.port)
    socket.end(text)
    await closed(socket)
  }
  await until(() => lender.port.connections.refused === texts.length)
  t.is(lender.port.connections.peers, 0)
})

test('one who says nothing has the time of a handshake, and no more', async (t) => {
  const clock = new ManualClock()
  const lender = await node(t, { clock, timeouts: { handshakeMs: 50 } })
  const socket = await call(lender.port)
  await until(() => lender.port.connections.strangers === 1)
  clock.advance(49)
  t.is(lender.port.connections.strangers, 1)
  clock.advance(1)
  await closed(socket)
  await until(() => lender.port.connections.strangers === 0)
  t.is(lender.port.connections.refused, 1)
})

test('of too many who say nothing the oldest goes, and those with the secret still get in', async (t) => {
  const lender = await node(t, { limits: { strangers: 3 } })
  const sockets: Socket[] = []
  for (let count = 0; count < 5; count += 1) sockets.push(await call(lender.port))
  await until(() => lender.port.connections.refused === 2)
  t.is(lender.port.connections.strangers, 3)
  const borrower = await node(t)
  const value = patterned(1_000)
  t.true(holds(borrower, await borrower.port.fetch(await lend(lender, value)), value))
  for (const socket of sockets) socket.destroy()
})

test('a node with another secret is refused, although it has got hold of a greeting', async (t) => {
  const { port, store, wire } = await wiredNode(t)
  const heard: Buffer[] = []
  wire.tamper = (bytes, from) => {
    if (from === 'dialer') heard.push(Buffer.from(bytes))
    return bytes
  }
  const borrower = await node(t)
  t.true(
    holds(borrower, await borrower.port.fetch(await lend({ port, store }, patterned(10))), patterned(10)),
  )
  const socket = await call(port)
  for (const bytes of heard) socket.write(bytes)
  await closed(socket)
  await until(() => port.connections.refused === 1)
  t.is(port.connections.peers, 1)
})

test('a lender that does not know the secret is found out before anything is asked of it', async (t) => {
  const impostor = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write(Buffer.concat([Buffer.of(0, 200, 1), randomBytes(199)]))
  })
  impostor.listen(0, '127.0.0.1')
  await once(impostor, 'listening')
  t.teardown(() => void impostor.close())
  const { port } = impostor.address() as AddressInfo
  const lender = await node(t, { advertise: `127.0.0.1:${port}` })
  const borrower = await node(t, { timeouts: { giveUpMs: 200 } })
  t.is(await codeOf(borrower.port.fetch(await lend(lender, patterned(10)))), 'STG_OBJECT_LOST')
  t.is(lender.port.connections.peers, 0)
})

test('a secret has 32 bytes', async (t) => {
  const opening = tcp().open({ store: new MemoryObjectStore(), secret: secret.subarray(1) })
  await t.throwsAsync(opening, { message: /32 bytes, not 31/ })
})
