import { createServer, type AddressInfo } from 'node:net'
import { MemoryObjectStore, tcp } from 'stigmergy'

/** The node that has the bytes: it lends them by a port, and sends them to whoever calls and asks with one byte. */
const [bytes, secret] = process.argv.slice(2)
const value = new Uint8Array(Number(bytes)).fill(1)

const store = new MemoryObjectStore()
const port = await tcp().open({ store, secret: Buffer.from(secret ?? '', 'hex') })
const ticket = port.lend(await store.put(value, value.length))

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(value))
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => {
  const { port: raw } = server.address() as AddressInfo
  process.send?.({ raw, ticket: Buffer.from(ticket).toString('hex') })
})
process.on('disconnect', () => process.exit())
