import type { ClusterExchange, ClusterMember } from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { deadlineOf, type SuiteOptions } from '../runner.js'
import { within } from '../waiting.js'

/** What the laws of cluster exchanges are checked on. */
export interface ClusterExchangeSubject extends SuiteOptions {
  /** All members join through it. Each law has clusters of its own, by their names. */
  readonly exchange: ClusterExchange
  /** The same, but the journals of new clusters take about so many bytes and not more. Without it the law of full journals does not apply. */
  readonly withJournalOf?: (bytes: number) => ClusterExchange
  /** Takes the servers away. Without it no law of outages applies. */
  readonly outage?: Outage
}

/** A time in which no member reaches the servers. What they have stored stays. */
export interface Outage {
  readonly begin: () => void | Promise<void>
  readonly end: () => void | Promise<void>
}

/** Members of one cluster, in use by one law. */
export class Assembly implements AsyncDisposable {
  readonly cluster: string
  readonly deadlineMs: number
  readonly members: readonly ClusterMember[]
  #names = 0

  private constructor(cluster: string, members: readonly ClusterMember[], deadlineMs: number) {
    this.cluster = cluster
    this.members = members
    this.deadlineMs = deadlineMs
  }

  /** Two members of a cluster that is new, unless it is named. */
  static async gather(
    { exchange, deadlineMs }: Pick<ClusterExchangeSubject, 'exchange' | 'deadlineMs'>,
    cluster = newCluster(),
  ): Promise<Assembly> {
    const members = [await exchange.join({ cluster }), await exchange.join({ cluster })]
    return new Assembly(cluster, members, deadlineOf(deadlineMs === undefined ? {} : { deadlineMs }))
  }

  /** The first member for 0, the next for 1, and so on, from the first again after the last. */
  member(number: number): ClusterMember {
    return this.members[number % this.members.length]!
  }

  /** A key, or a subject, that nobody has used in this cluster. */
  newKey(): string {
    this.#names += 1
    return `key-${this.#names}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all(this.members.map((member) => member.close()))
    await within(closing, this.deadlineMs, 'The close of the members')
  }
}

/** A name for a cluster that nobody else has. */
export function newCluster(): string {
  return `laws-${randomBytes(6).toString('hex')}`
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
