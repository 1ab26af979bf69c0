import test, { type ExecutionContext } from 'ava'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../src/connection.js'
import { encode, Kind, type Message } from '../src/message.js'
import { until } from './support/until.js'

/** Both ends of a socket; one of them as a connection that keeps what it hears. */
async function ends(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'stigmergy-test-'))
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\${directory.replace(/\W/g, '-')}` : join(directory, 's')
  const server = createServer().listen(path)
  await once(server, 'listening')
  const socket = createConnection(path)
  const [[far]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
    [Socket],
    unknown,
  ]
  const heard: string[] = []
  const connection = new Connection(socket, 2 ** 20, {
    message: (message: Message) => void heard.push(`${message.number(0)}`),
    closed: () => void heard.push('closed'),
  })
  t.teardown(() => {
    connection.destroy()
    far.destroy()
    server.close()
    rmSync(directory, { recursive: true })
  })
  return { connection, far, heard }
}

test('what a peer had sent is read although it takes nothing any more', async (t) => {
  const { connection, far, heard } = await ends(t)
  far.write(encode(Kind.Frame, [0, 0]))
  await until(() => heard.length === 1)
  for (let number = 1; number < 50; number += 1)
    far.write(encode(Kind.Frame, [number, 0], new Uint8Array(2_000)))
  far.destroy()
  for (let writes = 0; writes < 10; writes += 1) {
    connection.send(Kind.Closed, [writes])
    connection.flush()
  }
  await until(() => heard.includes('closed'))
  t.deepEqual(heard, [...Array.from({ length: 50 }, (_, number) => String(number)), 'closed'])
})

test('a peer that goes on sending does not keep a drained connection open', async (t) => {
  const { connection, far, heard } = await ends(t)
  far.on('error', () => undefined)
  const frame = encode(Kind.Frame, [1, 0], new Uint8Array(60_000))
  const flood = (): void => {
    while (!far.destroyed && far.write(frame));
  }
  far.on('drain', flood)
  flood()
  connection.drain()
  await until(() => heard.at(-1) === 'closed')
  t.pass()
})

test('messages are found however the bytes are cut', async (t) => {
  const { far, heard } = await ends(t)
  const sizes = [0, 1, 3, 70_000, 12, 0, 200_000, 5]
  const bytes = Buffer.concat(sizes.map((size, at) => encode(Kind.Frame, [at, 0], new Uint8Array(size))))
  far.setNoDelay(true)
  for (let at = 0, cut = 1; at < bytes.length; at += cut, cut = (cut * 7) % 50_021) {
    await new Promise((resolve) => far.write(bytes.subarray(at, at + cut), resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => heard.length === sizes.length)
  t.deepEqual(
    heard,
    sizes.map((_size, at) => String(at)),
  )
})

test('bytes that cannot be messages end a connection', async (t) => {
  for (const bytes of [
    Buffer.alloc(4),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0, 0, 0, 1, Kind.Frame]),
  ]) {
    const { far, heard } = await ends(t)
    far.write(bytes)
    await until(() => heard.length > 0)
    t.deepEqual(heard, ['closed'])
  }
})
