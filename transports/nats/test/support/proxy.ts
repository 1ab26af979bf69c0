import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Stands between a member and a server, and lets through what a test wants. */
export class Proxy implements AsyncDisposable {
  readonly #server: Server
  /** Each with the one to the server. */
  readonly #sockets = new Map<Socket, Socket>()
  #isPaused = false
  #isDeaf = false

  private constructor(target: number) {
    this.#server = createServer((inner) => this.#join(inner, connect(target, '127.0.0.1')))
  }

  static async to(target: number): Promise<Proxy> {
    const proxy = new Proxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What the server says waits. */
  pause(): void {
    this.#isPaused = true
    for (const outer of this.#sockets.values()) outer.pause()
  }

  resume(): void {
    this.#isPaused = false
    for (const outer of this.#sockets.values()) outer.resume()
  }

  /** What the server says is lost, until the connection is cut. */
  swallow(): void {
    this.#isDeaf = true
  }

  /** Ends all connections. New ones are as they should be. */
  cut(): void {
    this.#isDeaf = false
    this.#isPaused = false
    for (const [inner, outer] of this.#sockets) {
      inner.destroy()
      outer.destroy()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(inner: Socket, outer: Socket): void {
    this.#sockets.set(inner, outer)
    inner.pipe(outer)
    outer.on('data', (bytes) => {
      if (!this.#isDeaf) inner.write(bytes)
    })
    if (this.#isPaused) outer.pause()
    const end = (): void => {
      this.#sockets.delete(inner)
      inner.destroy()
      outer.destroy()
    }
    for (const socket of [inner, outer]) socket.on('close', end).on('error', end)
  }
}
