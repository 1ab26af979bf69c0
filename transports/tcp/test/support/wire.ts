import type { ValueExchange, ValuePortOptions } from '@stigmergy/core'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tcp, type TcpOptions, type TcpValuePort } from '../../src/index.js'

/** What happens to bytes on their way to one end. `true` cuts the connection after what is returned has been sent. */
export type Tamper = (bytes: Buffer, from: 'dialer' | 'lender', before: number) => Buffer | 'cut'

/** A way between ports that a test has in its hands: it can be cut, and what goes along can be counted, changed and held up. */
export class Wire implements AsyncDisposable {
  readonly #server = createServer((dialer) => this.#carry(dialer))
  readonly #sockets = new Set<Socket>()
  readonly #moved: (() => void)[] = []
  #target = 0
  /** Connections so far. */
  calls = 0
  /** Bytes so far, to whoever has called. */
  bytes = 0
  tamper: Tamper = (bytes) => bytes
  isHeld = false

  private constructor() {}

  static async open(): Promise<Wire> {
    const wire = new Wire()
    wire.#server.listen(0, '127.0.0.1')
    await once(wire.#server, 'listening')
    return wire
  }

  /** A port that others reach by this way only. */
  async port(port: ValuePortOptions, options: TcpOptions = {}): Promise<TcpValuePort> {
    const { port: own } = this.#server.address() as AddressInfo
    const opened = await tcp({ ...options, advertise: `127.0.0.1:${own}` }).open(port)
    this.#target = Number(opened.listening.split(':').at(-1))
    return opened
  }

  /** Resolves when so many more bytes have come to whoever has called. */
  async moves(bytes: number): Promise<void> {
    const end = this.bytes + bytes
    while (this.bytes < end) await new Promise<void>((resolve) => this.#moved.push(resolve))
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Nothing goes on, and nobody is told. */
  hold(isHeld = true): void {
    this.isHeld = isHeld
    for (const socket of this.#sockets)
      if (isHeld) socket.pause()
      else socket.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #carry(dialer: Socket): void {
    this.calls += 1
    const lender = connect(this.#target, '127.0.0.1')
    this.#pass(dialer, lender, 'dialer')
    this.#pass(lender, dialer, 'lender')
  }

  #pass(from: Socket, to: Socket, who: 'dialer' | 'lender'): void {
    let before = 0
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    from.on('data', (bytes) => {
      const passed = this.tamper(bytes, who, before)
      if (passed === 'cut') return this.cut()
      before += bytes.length
      if (who === 'lender') this.#count(bytes.length)
      if (!to.write(passed)) {
        from.pause()
        to.once('drain', () => this.isHeld || from.resume())
      }
    })
    if (this.isHeld) from.pause()
  }

  #count(bytes: number): void {
    this.bytes += bytes
    for (const moved of this.#moved.splice(0)) moved()
  }
}

/** An exchange whose ports reach each other by wires, all of which `cut` cuts. */
export class WiredExchange implements ValueExchange {
  readonly name = 'tcp'
  readonly #wires: Wire[] = []

  constructor(private readonly options: TcpOptions) {}

  async open(port: ValuePortOptions): Promise<TcpValuePort> {
    const wire = await Wire.open()
    this.#wires.push(wire)
    return wire.port(port, this.options)
  }

  /** Waits until something moves, and cuts everything. */
  async cut(): Promise<void> {
    await Promise.race(this.#wires.map((wire) => wire.moves(200_000)))
    for (const wire of this.#wires) wire.cut()
  }

  async close(): Promise<void> {
    await Promise.all(this.#wires.map((wire) => wire[Symbol.asyncDispose]()))
  }
}
