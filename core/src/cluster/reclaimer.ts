import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import type { Members } from './members.js'
import type { SentValue } from './shared-object.js'

/** Tells nodes and clients which of the values that they lend nobody will fetch any more: many at a time, one message for each of them. */
export class Reclaimer {
  readonly #calls: Calls<ClusterMessage>
  readonly #nodes: Members
  readonly #tickets = new Map<string, Uint8Array[]>()

  constructor(calls: Calls<ClusterMessage>, nodes: Members) {
    this.#calls = calls
    this.#nodes = nodes
  }

  free(value: SentValue): void {
    if ('inline' in value) return
    const tickets = this.#tickets.get(value.node)
    if (tickets !== undefined) return void tickets.push(value.ticket)
    this.#tickets.set(value.node, [value.ticket])
    queueMicrotask(() => this.#tell(value.node))
  }

  /** A node that is gone has nothing to reclaim; one that does not hear it reclaims when the session ends. */
  #tell(node: string): void {
    const tickets = this.#tickets.get(node) ?? []
    this.#tickets.delete(node)
    const address = node.startsWith('client.') ? node : this.#nodes.addressOf(node)
    if (address !== undefined) this.#calls.call(address, ['reclaim', tickets]).catch(() => undefined)
  }
}
