import { StigmergyError, type Endpoint, type EndpointOptions, type Offer } from '@stigmergy/core'
import type { AddressBook, Claim } from './address-book.js'
import { Link, type LinkParts } from './link.js'
import { Kind, type Message } from './message.js'
import { waitIn } from './outgoing.js'
import { throwUncaught } from './throw-uncaught.js'

/** What the endpoints of a member share. */
export interface EndpointParts extends Pick<LinkParts, 'maxFrames' | 'inbound' | 'send' | 'schedule'> {
  readonly options: EndpointOptions
  readonly maxFrameBytes: number
  readonly book: AddressBook
  readonly onClose: (endpoint: NatsEndpoint, claim: Claim | undefined) => Promise<void>
}

/** Whether the endpoint has its address; while the servers are away, it has none. */
type Standing =
  { readonly is: 'open'; readonly claim: Claim } | { readonly is: 'away' } | { readonly is: 'closed' }

/** An endpoint of this member. */
export class NatsEndpoint implements Endpoint {
  readonly address: string
  readonly maxFrameBytes: number
  readonly #parts: EndpointParts
  /** By the address of the peer. */
  readonly #links = new Map<string, Link>()
  /** The same by the revision of the peer's claim. */
  readonly #byRevision = new Map<number, Link>()
  readonly #waiting = new Set<() => void>()
  #standing: Standing = { is: 'away' }
  #closing: Promise<void> | undefined

  constructor(parts: EndpointParts) {
    this.address = parts.options.address
    this.maxFrameBytes = parts.maxFrameBytes
    this.#parts = parts
  }

  get claim(): Claim | undefined {
    return this.#standing.is === 'open' ? this.#standing.claim : undefined
  }

  get isAway(): boolean {
    return this.#standing.is === 'away'
  }

  offer(to: string, frame: Uint8Array): Offer {
    if (frame.length > this.maxFrameBytes) throw tooLarge(frame.length, this.maxFrameBytes)
    const link = this.#linkTo(to)
    if (link !== undefined) return link.offer(frame)
    return this.#standing.is === 'away' && this.#parts.book.find(to) !== undefined ? 'full' : 'closed'
  }

  async writable(to: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    while (this.#standing.is === 'away' && this.#parts.book.find(to) !== undefined)
      await waitIn(this.#waiting, signal)
    await this.#linkTo(to)?.writable(signal)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** It has its address, again. */
  stand(claim: Claim): void {
    this.#standing = { is: 'open', claim }
    this.#wake()
  }

  /** It has lost its address, for a while. */
  fall(): void {
    if (this.#standing.is === 'closed') return
    this.#standing = { is: 'away' }
    for (const { peer } of [...this.#links.values()]) this.part(peer, 'lost')
  }

  /** A claim of a peer has come to its end. */
  part(peer: Claim, how: 'closed' | 'lost'): void {
    this.#wake()
    const link = this.#byRevision.get(peer.revision)
    if (link === undefined) return
    this.#links.delete(peer.address)
    this.#byRevision.delete(peer.revision)
    link.end()
    if (how === 'lost' && link.isUsed) this.#tellLost(peer.address)
  }

  /** A message has come for the claim that it has. `member` has sent it. */
  hear(message: Message, member: string): void {
    const link = this.#byRevision.get(message.from) ?? this.#met(message, member)
    if (link === undefined) return
    if (link.heard(message)) this.#tellLost(link.peer.address)
    if (message.kind === Kind.Bye) this.#parts.book.end(link.peer, 'closed')
    if (message.kind === Kind.Frames || message.kind === Kind.Ask) this.#take(link, message)
  }

  /** The address belongs to somebody else now. */
  yield(error: StigmergyError): void {
    this.#report(error, this.address)
    void this.close()
  }

  async #close(): Promise<void> {
    for (const link of this.#links.values()) {
      link.sayBye()
      link.end()
    }
    const { claim } = this
    this.#standing = { is: 'closed' }
    this.#links.clear()
    this.#byRevision.clear()
    this.#wake()
    await this.#parts.onClose(this, claim)
  }

  #take(link: Link, message: Message): void {
    const { address } = link.peer
    if (link.expect(message.number)) this.#tellLost(address)
    if (message.kind === Kind.Ask) return link.asked()
    let { number } = message
    for (const frame of message.frames()) {
      if (this.#standing.is === 'closed') return
      if (link.takes(number, frame.length)) this.#receive(frame, address)
      number += 1
    }
  }

  #linkTo(to: string): Link | undefined {
    const known = this.#links.get(to)
    if (known !== undefined) return known
    const peer = this.#parts.book.find(to)
    return peer === undefined || this.#standing.is !== 'open'
      ? undefined
      : this.#link(peer, this.#standing.claim)
  }

  /** A first message can be faster than the news that its sender has an address. */
  #met({ kind, address, from }: Message, member: string): Link | undefined {
    const { book } = this.#parts
    if (this.#standing.is !== 'open' || (kind !== Kind.Frames && kind !== Kind.Ask)) return undefined
    if (book.isOver(address, from)) return undefined
    book.add({ address, revision: from, member })
    return this.#linkTo(address)
  }

  #link(peer: Claim, own: Claim): Link {
    const link = new Link({ ...this.#parts, peer, own })
    this.#links.set(peer.address, link)
    this.#byRevision.set(peer.revision, link)
    return link
  }

  #receive(frame: Uint8Array, from: string): void {
    try {
      this.#parts.options.receive(frame, from)
    } catch (error) {
      this.#report(error, from)
    }
  }

  #report(error: unknown, from: string): void {
    const { onError = throwUncaught } = this.#parts.options
    try {
      onError(error, from)
    } catch (thrown) {
      throwUncaught(thrown)
    }
  }

  #tellLost(peer: string): void {
    try {
      this.#parts.options.onLost?.(peer)
    } catch (error) {
      throwUncaught(error)
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

function tooLarge(bytes: number, maxFrameBytes: number): StigmergyError {
  const message = `A frame of ${bytes} bytes is over ${maxFrameBytes}.`
  return new StigmergyError('STG_TRANSPORT_FRAME_TOO_LARGE', message, { details: { bytes, maxFrameBytes } })
}
