import { Link, type LinkParts } from './link.js'
import { frameKind, type FrameKind } from './ring-layout.js'
import type { RingWriter } from './ring-writer.js'
import type { EndpointPlace, Roster } from './roster.js'

/** Something that is to be done when a frame has room, or will never have it. */
interface Wait {
  readonly link: Link
  readonly length: number
  readonly done: () => void
}

export interface OutboundParts {
  readonly writer: RingWriter
  readonly roster: Roster
  /** Called after each frame. */
  readonly ring: () => void
}

const nothing = new Uint8Array()

/** What goes to one member: the links that share its ring, and who waits for room in it. */
export class Outbound {
  readonly #parts: OutboundParts
  readonly #links = new Set<Link>()
  readonly #waits = new Set<Wait>()
  #lastId = 0
  #isCut = false

  constructor(parts: OutboundParts) {
    this.#parts = parts
  }

  get links(): Iterable<Link> {
    return this.#links
  }

  connect(parts: Omit<LinkParts, 'id'>): Link {
    this.#lastId += 1
    const link = new Link(this, { ...parts, id: this.#lastId })
    this.#links.add(link)
    this.#parts.writer.attach(link)
    return link
  }

  /** Called by a link that closes: its waits end, and the receiver forgets it when it has received what is under way. */
  disconnect(link: Link): void {
    this.#links.delete(link)
    this.#end((wait) => wait.link === link)
    if (!link.hasGreeted || !this.isOpen(link.place)) return this.#parts.writer.detach(link)
    this.#waits.add({ link, length: 0, done: () => this.#partWith(link) })
    this.serveWaits()
  }

  isOpen(place: EndpointPlace): boolean {
    return this.#parts.roster.isOpen(place)
  }

  write(link: Link, kind: FrameKind, content: Uint8Array): boolean {
    if (!this.#parts.writer.write(link, kind, content)) return false
    this.#parts.ring()
    return true
  }

  /** Resolves when a frame of this length has room, or the link is not open. */
  async wait(link: Link, length: number, signal?: AbortSignal): Promise<void> {
    if (this.#isOver(link, length)) return
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waits.delete(wait)
        reject(signal?.reason as Error)
      }
      const done = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const wait: Wait = { link, length, done }
      this.#waits.add(wait)
      signal?.addEventListener('abort', abort, { once: true })
      this.serveWaits()
    })
  }

  /** Ends the waits that are over, and asks the receiver to ring for the others. */
  serveWaits(): void {
    if (this.#waits.size === 0) return
    this.#parts.writer.awaitRoom()
    this.#end((wait) => this.#isOver(wait.link, wait.length))
  }

  /** Closes the links to endpoints that have closed. */
  purge(): void {
    for (const link of this.#links) if (!link.isOpen) link.close()
    this.serveWaits()
  }

  /** Called before the ring is unmapped: nothing is written any more, and nobody waits. */
  cut(): void {
    this.#isCut = true
    for (const link of this.#links) link.cut()
    this.#links.clear()
    this.#end(() => true)
  }

  #end(isOver: (wait: Wait) => boolean): void {
    for (const wait of this.#waits)
      if (isOver(wait)) {
        this.#waits.delete(wait)
        wait.done()
      }
  }

  #isOver(link: Link, length: number): boolean {
    return !this.isOpen(link.place) || this.#parts.writer.fits(link, length)
  }

  #partWith(link: Link): void {
    if (!this.#isCut && this.isOpen(link.place)) this.write(link, frameKind.close, nothing)
    this.#parts.writer.detach(link)
  }
}
