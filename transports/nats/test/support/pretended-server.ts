import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'

/** Says of itself what it is told to say, lets everybody in, and does nothing else. */
export class PretendedServer implements AsyncDisposable {
  readonly #server: Server

  private constructor(info: object) {
    this.#server = createServer((socket) => {
      socket.write(`INFO ${JSON.stringify(info)}\r\n`)
      socket.on('data', (bytes) => {
        if (bytes.includes('PING')) socket.write('PONG\r\n')
      })
      socket.on('error', () => socket.destroy())
    })
  }

  static async start(said: object): Promise<PretendedServer> {
    const info = { server_id: 'pretended', server_name: 'pretended', version: '2.9.10', proto: 1 }
    const server = new PretendedServer({ ...info, headers: true, max_payload: 2 ** 20, ...said })
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}
