import type { Transport } from '@stigmergy/core'
import { deadlineOf, type SuiteOptions } from '../runner.js'
import { until, within } from '../waiting.js'
import { Peer, type Thread } from './peer.js'

/** What the laws of transports are checked on. */
export interface TransportSubject extends SuiteOptions {
  /** Makes a world of its own: nothing in it sees another world. */
  readonly create: () => Promise<TransportWorld>
  /** Cuts the link between the first and the second transport of a world. Without it no law of lost links applies. */
  readonly sever?: (world: TransportWorld) => Promise<void>
}

/** Transports that see each other. */
export interface TransportWorld {
  /** At least one. All are used by the testing thread; the endpoints of a law are spread over them. */
  readonly transports: readonly [Transport, ...Transport[]]
  /** The address of an endpoint in another thread, process or machine that sends each frame back: see `reflect`. */
  readonly reflector?: string
  /** Ends what the transports do not end themselves, such as threads, processes and servers. Called after they closed. */
  readonly dispose?: () => Promise<void>
}

/** Three endpoints that have met: each can send to each. */
export interface Trio {
  readonly a: Peer
  readonly b: Peer
  readonly c: Peer
}

/** A way that frames take: what `sender` offers to `to` arrives at `receiver` as from `from`. */
export interface Route {
  readonly sender: Peer
  readonly to: string
  readonly receiver: Peer
  readonly from: string
}

/** A world in use by one law. */
export class World implements AsyncDisposable {
  readonly deadlineMs: number
  readonly #subject: TransportSubject
  readonly #world: TransportWorld
  readonly #thread: Thread
  #addresses = 0

  private constructor(subject: TransportSubject, world: TransportWorld) {
    this.deadlineMs = deadlineOf(subject)
    this.#subject = subject
    this.#world = world
    this.#thread = { offers: 0, deadlineMs: this.deadlineMs }
  }

  static async create(subject: TransportSubject): Promise<World> {
    return new World(subject, await subject.create())
  }

  /** The first transport for 0, the next for 1, and so on, from the first again after the last. */
  transport(number: number): Transport {
    const { transports } = this.#world
    return transports[number % transports.length] ?? transports[0]
  }

  /** Cuts the link between the first and the second transport. */
  async sever(): Promise<void> {
    await this.#subject.sever?.(this.#world)
  }

  /** An address that nobody has used in this world. */
  newAddress(): string {
    this.#addresses += 1
    return `peer-${this.#addresses}`
  }

  async open(transport: number, address = this.newAddress()): Promise<Peer> {
    return Peer.open(this.transport(transport), address, this.#thread)
  }

  /** Opens three endpoints, waits until they reach each other, and closes them after `use`. */
  async trio(use: (trio: Trio) => Promise<void>): Promise<void> {
    await using a = await this.open(0)
    await using b = await this.open(1)
    await using c = await this.open(2)
    await this.introduce(a, b, c)
    await use({ a, b, c })
  }

  /** Waits until each of the peers reaches the others. The frames that this takes are forgotten. */
  async introduce(...peers: Peer[]): Promise<void> {
    for (const { sender, to, receiver, from } of this.routes(...peers)) {
      const reached = (): boolean => sender.offer(to, hello) === 'sent'
      await until(reached, this.deadlineMs, `A first frame from ${sender.address} to ${to}`)
      await receiver.hears(from, 1)
    }
    for (const peer of peers) peer.log.frames.clear()
  }

  /** Every way from a peer to another one, and from each to the reflector and back. */
  routes(...peers: Peer[]): readonly Route[] {
    const { reflector } = this.#world
    return peers.flatMap((sender) => {
      const others = peers.filter((peer) => peer !== sender)
      const direct = others.map((receiver) => ({
        sender,
        to: receiver.address,
        receiver,
        from: sender.address,
      }))
      return reflector === undefined
        ? direct
        : [...direct, { sender, to: reflector, receiver: sender, from: reflector }]
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all(this.#world.transports.map((transport) => transport.close()))
    await within(closing, this.deadlineMs, 'The close of the transports')
    await this.#world.dispose?.()
  }
}

const hello = new Uint8Array([1])

/** Runs `use` with three endpoints of a new world. */
export async function inTrio(
  subject: TransportSubject,
  use: (trio: Trio, world: World) => Promise<void>,
): Promise<void> {
  await using world = await World.create(subject)
  await world.trio((trio) => use(trio, world))
}
