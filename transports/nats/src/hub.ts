import { StigmergyError, type EndpointOptions } from '@stigmergy/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { AddressBook, type Claim } from './address-book.js'
import { addressError, checkAddress, Claims, encodePing } from './claims.js'
import type { Connection } from './connection.js'
import { NatsEndpoint } from './endpoint.js'
import type { Entries, Stored } from './entries.js'
import { Follower } from './follower.js'
import { Inbound } from './inbound.js'
import { overheadBytes } from './message.js'
import { decodeAddress, type Names } from './names.js'
import type { Settings } from './options.js'
import { Post } from './post.js'

export interface HubParts {
  /** A name of this membership that no other one has. */
  readonly member: string
  readonly entries: Entries
  readonly names: Names
  readonly settings: Settings
}

/** Between attempts to have an address again, in ms. */
const pauseMs = 250

/** What the endpoints of a member have in common: their messages, and who has which address. */
export class Hub {
  readonly #parts: HubParts
  readonly #connection: Connection
  readonly #claims: Claims
  readonly #post: Post
  readonly #book = new AddressBook((claim, how) => this.#part(claim, how))
  readonly #inbound: Inbound
  /** By address; undefined while one is being opened. */
  readonly #endpoints = new Map<string, NatsEndpoint | undefined>()
  /** By the revision of the claim. */
  readonly #standing = new Map<number, NatsEndpoint>()
  readonly #closing = new AbortController()
  #follower: Follower | undefined

  private constructor(parts: HubParts) {
    const { member, entries, names, settings } = parts
    this.#parts = parts
    this.#connection = entries.connection
    this.#claims = new Claims(member, entries, names)
    this.#inbound = new Inbound(settings)
    this.#post = new Post({
      member,
      connection: entries.connection,
      names,
      onMessage: (message, from) => this.#standing.get(message.to)?.hear(message, from),
      onAbsent: (absent) => this.#bury(absent),
    })
  }

  /** Begins to hear, and learns which addresses there are. */
  static async start(parts: HubParts): Promise<Hub> {
    const hub = new Hub(parts)
    await hub.#post.open()
    await hub.#follow()
    hub.#connection.watch({ onLost: () => hub.#fall(), onBack: () => hub.#rise() })
    for (const member of hub.#book.members) if (member !== parts.member) hub.#post.send(member, encodePing())
    return hub
  }

  async open(options: EndpointOptions): Promise<NatsEndpoint> {
    const { address } = options
    checkAddress(address)
    if (this.#endpoints.has(address)) throw addressError(address, 'is in use')
    this.#endpoints.set(address, undefined)
    try {
      const revision = await this.#claims.claim(address)
      const endpoint = this.#make(options)
      this.#endpoints.set(address, endpoint)
      this.#stand(endpoint, revision)
      return endpoint
    } catch (error) {
      this.#endpoints.delete(address)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#endpoints.values()].map(async (endpoint) => endpoint?.close()))
    await this.#follower?.close()
  }

  #make(options: EndpointOptions): NatsEndpoint {
    return new NatsEndpoint({
      options,
      maxFrameBytes: this.#connection.maxPayloadBytes - overheadBytes,
      maxFrames: this.#parts.settings.maxQueuedFrames,
      inbound: this.#inbound,
      book: this.#book,
      send: ({ member }, message) => this.#post.send(member, message),
      schedule: (link) => this.#post.schedule(link),
      onClose: (endpoint, claim) => this.#leave(endpoint, claim),
    })
  }

  #stand(endpoint: NatsEndpoint, revision: number): void {
    const claim: Claim = { address: endpoint.address, revision, member: this.#parts.member }
    this.#standing.set(revision, endpoint)
    endpoint.stand(claim)
    this.#book.add(claim)
  }

  async #leave(endpoint: NatsEndpoint, claim: Claim | undefined): Promise<void> {
    if (claim !== undefined) {
      this.#standing.delete(claim.revision)
      this.#book.end(claim, 'closed')
      // Without servers it stays, until somebody notices that nobody hears there.
      await this.#claims.clear(claim.address, claim.revision).catch(ignoreUnavailable)
    }
    if (this.#endpoints.get(endpoint.address) === endpoint) this.#endpoints.delete(endpoint.address)
  }

  /** The connection is lost: what was under way may be, too. Peers learn of it by the new claims. */
  #fall(): void {
    const standing = [...this.#standing.values()]
    this.#standing.clear()
    for (const endpoint of standing) {
      const { claim } = endpoint
      endpoint.fall()
      if (claim !== undefined) this.#book.end(claim, 'lost')
    }
  }

  #rise(): void {
    for (const endpoint of this.#endpoints.values()) if (endpoint !== undefined) void this.#reclaim(endpoint)
  }

  async #reclaim(endpoint: NatsEndpoint): Promise<void> {
    const { signal } = this.#closing
    while (endpoint.isAway && this.#connection.isUp && !signal.aborted) {
      try {
        const revision = await this.#claims.claim(endpoint.address)
        if (endpoint.isAway && this.#connection.isUp) this.#stand(endpoint, revision)
      } catch (error) {
        if (StigmergyError.is(error, 'STG_TRANSPORT_ADDRESS')) endpoint.yield(error)
        else await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async #follow(): Promise<void> {
    const head = this.#parts.names.entry('address', '')
    let current: () => void
    const isCurrent = new Promise<void>((resolve) => (current = resolve))
    this.#follower = await Follower.start({
      entries: this.#parts.entries,
      filter: `${head}>`,
      onChange: (subject, stored) => this.#learn(decodeAddress(subject.slice(head.length)), stored),
      onCurrent: () => current(),
    })
    await isCurrent
  }

  /** The register tells who has an address. */
  #learn(address: string, { value, revision }: Stored): void {
    const endpoint = this.#endpoints.get(address)
    const own = endpoint?.claim
    if (endpoint !== undefined && own !== undefined)
      return revision > own.revision ? this.#lose(endpoint, own) : undefined
    if (value === undefined) return this.#book.remove(address)
    const claim: Claim = { address, revision, member: Buffer.from(value).toString() }
    if (claim.member !== this.#parts.member) this.#book.add(claim)
    else if (!this.#endpoints.has(address)) void this.#clear(claim)
  }

  /** Somebody has cleared the claim of an endpoint, or has made its own: it gets the address again, or has to yield. */
  #lose(endpoint: NatsEndpoint, claim: Claim): void {
    this.#standing.delete(claim.revision)
    endpoint.fall()
    this.#book.end(claim, 'lost')
    void this.#reclaim(endpoint)
  }

  /** Nobody hears at the inbox of a member: what it has claimed is free. If it is there after all, it claims it again. */
  #bury(member: string): void {
    for (const claim of this.#book.of(member)) {
      this.#book.end(claim, 'lost')
      void this.#clear(claim)
    }
  }

  async #clear({ address, revision }: Claim): Promise<void> {
    const { signal } = this.#closing
    for (let isDone = false; !isDone && !signal.aborted;) {
      isDone = await this.#claims.clear(address, revision).then(
        () => true,
        () => false,
      )
      if (!isDone) await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #part(claim: Claim, how: 'closed' | 'lost'): void {
    for (const endpoint of this.#endpoints.values()) endpoint?.part(claim, how)
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) throw error
}
