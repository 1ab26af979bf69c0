import type { Endpoint, EndpointOptions, Offer, Transport } from '@stigmergy/core'
import type { Random } from './random.js'
import type { SimulatedProcess } from './process.js'
import type { VirtualTime } from './virtual-time.js'

/** What the network does to frames. */
export interface NetworkFaults {
  /** ms that a frame is under way, from and to. */
  readonly delay: readonly [min: number, max: number]
  /** How often a link breaks with a frame: it and those behind it are lost, and both ends are told. */
  readonly breaks: number
  /** How often a frame arrives twice, or overtakes those before it. A transport forbids both; who bears them bears the rest. */
  readonly duplicates: number
  readonly overtakes: number
}

interface OpenEndpoint {
  readonly process: SimulatedProcess
  readonly options: EndpointOptions
}

interface Link {
  lastAt: number
  brokenUntil: number
}

/** ms after which both ends of a broken link know, and it works again. */
const noticedAfter = 200

/** Frames between processes, with delays, losses and partitions. */
export class Network {
  frames = 0
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #endpoints = new Map<string, OpenEndpoint>()
  readonly #links = new Map<string, Link>()
  readonly #cuts = new Set<string>()

  constructor(
    time: VirtualTime,
    random: Random,
    public faults: NetworkFaults,
  ) {
    this.#time = time
    this.#random = random
  }

  /** Frames between the two are lost from now on. */
  cut(a: SimulatedProcess, b: SimulatedProcess): void {
    this.#cuts.add(pairOf(a, b))
  }

  /** All cuts are mended. */
  heal(): void {
    this.#cuts.clear()
  }

  isCut(a: SimulatedProcess, b: SimulatedProcess): boolean {
    return this.#cuts.has(pairOf(a, b))
  }

  transportOf(process: SimulatedProcess): Transport {
    const open = async (options: EndpointOptions): Promise<Endpoint> => this.#open(process, options)
    const close = async (): Promise<void> => this.#closeAll(process)
    return { name: 'simulated', open, close, [Symbol.asyncDispose]: close }
  }

  /** A process is gone; its peers notice after a while. */
  crashed(process: SimulatedProcess): void {
    this.#closeAll(process)
  }

  #open(process: SimulatedProcess, options: EndpointOptions): Endpoint {
    const { address } = options
    this.#endpoints.set(address, { process, options })
    const close = async (): Promise<void> => {
      if (this.#endpoints.get(address)?.process === process) this.#endpoints.delete(address)
    }
    return {
      address,
      maxFrameBytes: 1_000_000,
      offer: (to, frame) => this.#offer(process, address, to, frame),
      writable: () => Promise.resolve(),
      close,
      [Symbol.asyncDispose]: close,
    }
  }

  #closeAll(process: SimulatedProcess): void {
    for (const [address, endpoint] of this.#endpoints)
      if (endpoint.process === process) this.#endpoints.delete(address)
  }

  #offer(from: SimulatedProcess, address: string, to: string, frame: Uint8Array): Offer {
    if (!from.isAlive) return 'closed'
    const target = this.#endpoints.get(to)
    if (target === undefined) {
      this.#tellLost(address, to)
      return 'closed'
    }
    this.frames += 1
    const link = this.#link(address, to)
    const copy = new Uint8Array(frame)
    const now = this.#time.now()
    if (now < link.brokenUntil) return 'sent'
    if (this.#random.chance(this.faults.breaks) || this.isCut(from, target.process)) {
      link.brokenUntil = now + noticedAfter
      this.#tellLost(address, to)
      this.#tellLost(to, address)
      return 'sent'
    }
    this.#deliver(link, address, to, copy)
    if (this.#random.chance(this.faults.duplicates)) this.#deliver(link, address, to, copy)
    return 'sent'
  }

  #deliver(link: Link, from: string, to: string, frame: Uint8Array): void {
    const [min, max] = this.faults.delay
    const at = this.#time.now() + min + this.#random.next() * (max - min)
    const inTurn = this.#random.chance(this.faults.overtakes) ? at : Math.max(at, link.lastAt)
    link.lastAt = Math.max(link.lastAt, inTurn)
    this.#time.at(inTurn, () => {
      const target = this.#endpoints.get(to)
      if (target === undefined) return
      target.process.received += 1
      target.process.run(() => target.options.receive(frame, from))
    })
  }

  #tellLost(address: string, peer: string): void {
    this.#time.after(noticedAfter, () => {
      const endpoint = this.#endpoints.get(address)
      endpoint?.process.run(() => endpoint.options.onLost?.(peer))
    })
  }

  #link(from: string, to: string): Link {
    const key = `${from}\n${to}`
    const link = this.#links.get(key) ?? { lastAt: 0, brokenUntil: 0 }
    this.#links.set(key, link)
    return link
  }
}

function pairOf(a: SimulatedProcess, b: SimulatedProcess): string {
  return [a.name, b.name].sort().join('\n')
}
