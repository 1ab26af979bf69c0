import type { Claim } from './address-book.js'
import { Batch } from './batch.js'
import { encodeFramesHead, encodeHead, Kind, writeProgress, type Progress, type Route } from './message.js'
import type { Inbound } from './inbound.js'
import { firstWindowBytes, Outgoing } from './outgoing.js'

/** What a link needs of the endpoint and of the member that it belongs to. */
export interface LinkParts {
  readonly peer: Claim
  /** The claim of the endpoint. */
  readonly own: Claim
  readonly maxFrames: number
  readonly inbound: Inbound
  readonly send: (to: Claim, message: Buffer) => void
  /** Has `flush` called when the turn is over. */
  readonly schedule: (link: Link) => void
}

/** The frames between two endpoints, as long as the claims of both last. Both sides number them, and say what they have taken. */
export class Link {
  readonly peer: Claim
  readonly #parts: LinkParts
  readonly #ownAddress: Uint8Array
  readonly #route: Route
  readonly #outgoing: Outgoing
  #batch: Batch | undefined
  /** Number of the frame that comes next. */
  #expected = 0
  /** What the peer knows of it. */
  #told = 0
  #untoldBytes = 0
  #grantedBytes = firstWindowBytes
  #owes = false
  #someLost = false
  /** Whether it has asked what has been taken, and not been answered. */
  #hasAsked = false

  constructor(parts: LinkParts) {
    this.peer = parts.peer
    this.#parts = parts
    this.#ownAddress = Buffer.from(parts.own.address)
    this.#route = { to: parts.peer.revision, from: parts.own.revision }
    this.#outgoing = new Outgoing(parts.maxFrames)
  }

  /** Whether a frame was sent or has come, so that one can be lost. */
  get isUsed(): boolean {
    return this.#expected > 0 || this.#outgoing.next > 0
  }

  offer(frame: Uint8Array): 'sent' | 'full' {
    const number = this.#outgoing.next
    if (!this.#outgoing.take(frame.length)) {
      if (!this.#hasAsked) this.#ask()
      return 'full'
    }
    if (this.#batch?.fits(frame.length) === false) this.flush()
    this.#batch ??= this.#begin(number, frame.length)
    this.#batch.add(frame)
    return 'sent'
  }

  async writable(signal?: AbortSignal): Promise<void> {
    const isWritable = this.#outgoing.writable(signal)
    this.#askIfAwaited()
    await isWritable
  }

  /** Sends what has gathered. */
  flush(): void {
    const batch = this.#batch
    this.#batch = undefined
    if (batch !== undefined) this.#send(batch.message)
    else if (this.#owes) this.#send(encodeHead(Kind.Ack, this.#route))
  }

  /** Tells the peer that the endpoint has closed, behind what was sent. */
  sayBye(): void {
    this.flush()
    this.#send(encodeHead(Kind.Bye, this.#route))
  }

  /** Reads what the peer has taken. Returns whether it has missed frames. */
  heard({ taken, windowBytes, someLost }: Progress): boolean {
    this.#hasAsked = false
    this.#outgoing.taken(taken, windowBytes)
    this.#askIfAwaited()
    return someLost
  }

  /** The peer has no room, and waits for an answer. */
  asked(): void {
    this.#owe()
  }

  /** Takes note of frames before they are received. Returns whether some are missing before them. */
  expect(number: number): boolean {
    const isGap = number > this.#expected
    this.#expected = Math.max(this.#expected, number)
    if (isGap) {
      this.#someLost = true
      this.#owe()
    }
    return isGap
  }

  /** Whether a frame is the next one, which counts as taken then. */
  takes(number: number, bytes: number): boolean {
    if (number !== this.#expected) return false
    this.#parts.inbound.add(this)
    this.#expected += 1
    this.#untoldBytes += bytes
    const isMany = this.#expected - this.#told >= this.#parts.maxFrames / 4
    if (isMany || this.#untoldBytes >= this.#grantedBytes / 4) this.#owe()
    return true
  }

  end(): void {
    this.#parts.inbound.remove(this)
    this.#batch = undefined
    this.#outgoing.end()
  }

  #begin(number: number, bytes: number): Batch {
    this.#parts.schedule(this)
    return new Batch(this.#framesHead(Kind.Frames, number), bytes)
  }

  #ask(): void {
    this.#hasAsked = true
    this.flush()
    this.#send(this.#framesHead(Kind.Ask, this.#outgoing.next))
  }

  #owe(): void {
    if (this.#owes) return
    this.#owes = true
    this.#parts.schedule(this)
  }

  #framesHead(kind: number, number: number): Buffer {
    return encodeFramesHead(kind, this.#route, number, this.#ownAddress)
  }

  #askIfAwaited(): void {
    if (this.#outgoing.isAwaited && !this.#hasAsked) this.#ask()
  }

  #send(message: Buffer): void {
    this.#parts.send(this.peer, writeProgress(message, this.#progress()))
  }

  #progress(): Progress {
    const someLost = this.#someLost
    this.#someLost = false
    this.#owes = false
    this.#told = this.#expected
    this.#untoldBytes = 0
    this.#grantedBytes = this.#parts.inbound.windowBytes
    return { taken: this.#expected, windowBytes: this.#grantedBytes, someLost }
  }
}
