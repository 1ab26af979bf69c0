import { StigmergyError, type EndpointOptions } from '@stigmergy/core'
import { AddressBook, checkAddress, invalidAddress, type OpenAddress } from './address-book.js'
import { SocketEndpoint } from './endpoint.js'
import type { FrameLimits } from './options.js'

/** Frames of one endpoint that another one has taken. */
export interface TakenFrames {
  readonly from: OpenAddress
  readonly to: OpenAddress
  readonly frames: number
  readonly bytes: number
}

/** The way of one member to all others. */
export interface Uplink {
  /** Asks for an address; answered by `opened` or `refused` of the exchange. */
  open(request: number, address: string): void
  /** Answered by `closed` of the exchange. */
  close(id: number): void
  /** The frame may be reused afterwards. */
  send(from: OpenAddress, to: OpenAddress, frame: Uint8Array): void
  taken(frames: TakenFrames): void
  /** Whether the process lives on for what may come. */
  keepAlive(alive: boolean): void
}

interface Opening {
  readonly options: EndpointOptions
  readonly resolve: (endpoint: SocketEndpoint) => void
  readonly reject: (error: StigmergyError) => void
}

/** One member's part in the exchange of frames: its endpoints, and what it knows of those of others. */
export class Exchange {
  readonly book = new AddressBook()
  readonly #member: number
  readonly #limits: FrameLimits
  readonly #uplink: Uplink
  readonly #endpoints = new Map<number, SocketEndpoint>()
  readonly #opening = new Map<number, Opening>()
  readonly #closing = new Map<number, () => void>()
  #requests = 0
  #isOver = false

  constructor(member: number, limits: FrameLimits, uplink: Uplink) {
    this.#member = member
    this.#limits = limits
    this.#uplink = uplink
  }

  get endpoints(): readonly SocketEndpoint[] {
    return [...this.#endpoints.values()]
  }

  async open(options: EndpointOptions): Promise<SocketEndpoint> {
    checkAddress(options.address)
    if (this.#isOver) throw over()
    return new Promise((resolve, reject) => {
      this.#requests = (this.#requests + 1) % 2 ** 32
      this.#opening.set(this.#requests, { options, resolve, reject })
      this.#keepAlive()
      this.#uplink.open(this.#requests, options.address)
    })
  }

  /** Called by an endpoint that closes. Resolves when its address can be opened again. */
  async close({ place }: SocketEndpoint): Promise<void> {
    this.#endpoints.delete(place.id)
    this.book.withdraw(place.id)
    for (const endpoint of this.#endpoints.values()) endpoint.part(place)
    if (!this.#isOver)
      await new Promise<void>((resolve) => {
        this.#closing.set(place.id, resolve)
        this.#uplink.close(place.id)
      })
    this.#keepAlive()
  }

  find(address: string): OpenAddress | undefined {
    return this.book.find(address)
  }

  send(from: OpenAddress, to: OpenAddress, frame: Uint8Array): void {
    if (to.member === this.#member) this.#endpoints.get(to.id)?.arrive(from, new Uint8Array(frame))
    else this.#uplink.send(from, to, frame)
  }

  /** Called by an endpoint of this member. */
  taken(frames: TakenFrames): void {
    if (frames.from.member === this.#member) this.arrived(frames)
    else this.#uplink.taken(frames)
  }

  /** An endpoint of somebody, or the one that was asked for, is open. */
  opened(place: OpenAddress, request: number): void {
    this.book.enter(place)
    if (place.member !== this.#member) return
    const { options, resolve } = this.#answered(request)
    const endpoint = new SocketEndpoint({ exchange: this, place, limits: this.#limits, options })
    this.#endpoints.set(place.id, endpoint)
    resolve(endpoint)
  }

  refused(request: number): void {
    const { options, reject } = this.#answered(request)
    reject(invalidAddress(options.address, 'is in use'))
    this.#keepAlive()
  }

  /** An endpoint has closed, and all that it had sent has come. */
  closed(id: number): void {
    const place = this.book.remove(id)
    if (place === undefined) return
    for (const endpoint of this.#endpoints.values()) endpoint.part(place)
    this.#closing.get(id)?.()
    this.#closing.delete(id)
  }

  /** An endpoint takes nothing any more, but what it had sent may still come. */
  cut(id: number): void {
    const place = this.book.withdraw(id)
    if (place === undefined) return
    for (const endpoint of this.#endpoints.values()) endpoint.cut(place)
  }

  /** An endpoint is gone with its member. */
  lost(id: number): void {
    const place = this.book.remove(id)
    if (place === undefined) return
    for (const endpoint of this.#endpoints.values()) endpoint.lose(place)
  }

  /** A frame has come for an endpoint of this member, and nobody is going to change it. */
  arrive(fromId: number, toId: number, frame: Uint8Array): void {
    const from = this.book.get(fromId)
    if (from !== undefined) this.#endpoints.get(toId)?.arrive(from, frame)
  }

  /** Frames of an endpoint of this member were taken. */
  arrived({ from, to, frames, bytes }: TakenFrames): void {
    this.#endpoints.get(from.id)?.arrived(to, frames, bytes)
  }

  /** The way to all others is gone. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const { id, member } of this.book.all) if (member !== this.#member) this.lost(id)
    for (const { reject } of this.#opening.values()) reject(over())
    for (const resolve of this.#closing.values()) resolve()
    this.#opening.clear()
    this.#closing.clear()
  }

  #answered(request: number): Opening {
    const opening = this.#opening.get(request)
    if (opening === undefined) throw new RangeError(`Nobody has asked for ${request}.`)
    this.#opening.delete(request)
    return opening
  }

  #keepAlive(): void {
    this.#uplink.keepAlive(this.#endpoints.size + this.#opening.size + this.#closing.size > 0)
  }
}

function over(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'This membership of the node has ended.')
}
