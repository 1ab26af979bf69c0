import type { Clock, Timer } from '../clock.js'
import type { Outcome } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Calls } from './calls.js'
import type { ClusterMessage, RunAnswer, Work } from './cluster-messages.js'
import type { Members } from './members.js'
import { bytesPerNode, type NodePlacement } from './node-placement.js'
import { NodeLoads } from './node-loads.js'

export interface DispatcherOptions {
  /** Id of the coordinator. */
  readonly id: string
  readonly calls: Calls<ClusterMessage>
  readonly clock: Clock
  readonly nodes: Members
  readonly placement: NodePlacement
  /** ms after which work that no node took is offered again, unless nodes change before. */
  readonly retryMs: number
  /** Whether this coordinator may act at all. */
  readonly mayAct: () => boolean
  /** The work has ended, and no node will say so: one had told it already, or it was aborted before any could. */
  readonly onOver: (work: Work, outcome: Outcome) => void
}

/** Work that is to be run, and where it is. */
interface Placed {
  readonly work: Work
  /** Id of the node that has it, or was asked to take it. */
  node: string | undefined
  /** Whether what still runs of it is in vain. */
  isAborted: boolean
}

/** Has the work of this coordinator's shards run on the nodes: each on one that lives, and on another when that one dies. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #placed = new Map<string, Placed>()
  readonly #loads: NodeLoads
  #retry: Timer | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#loads = new NodeLoads(options.nodes, options.id)
  }

  /** Work that has not ended. */
  get size(): number {
    return this.#placed.size
  }

  /** Ends the work on the node that has it, if that is another; undefined if not. */
  elsewhere(session: string, node: string): (() => void) | undefined {
    const placed = this.#placed.get(session)
    if (placed?.node === undefined || placed.node === node) return undefined
    return () => void this.#abort(placed)
  }

  /** Work that a node has, or was asked to take. */
  givenTo(node: string): number {
    return this.#loads.givenTo(node)
  }

  /** Has the work run, unless it is being run. */
  add(work: Work): void {
    if (this.#placed.has(work.session)) return
    const placed: Placed = { work, node: undefined, isAborted: false }
    this.#placed.set(work.session, placed)
    void this.#place(placed)
  }

  /** A node has the work already: known from asking the nodes after a change of holders. */
  adopt(work: Work, node: string): void {
    if (this.#placed.has(work.session)) return
    this.#placed.set(work.session, { work, node, isAborted: false })
    this.#loads.count(node, 1)
  }

  /** The work has ended, or is not this coordinator's any more. */
  remove(session: string): void {
    const placed = this.#placed.get(session)
    if (placed === undefined) return
    this.#placed.delete(session)
    if (placed.node !== undefined) this.#loads.count(placed.node, -1)
  }

  /** What still runs of it is in vain. */
  abort(session: string): void {
    const placed = this.#placed.get(session)
    if (placed === undefined || placed.isAborted) return
    placed.isAborted = true
    void this.#abort(placed)
  }

  /** Nodes have come or gone: work of those that are gone goes to others. */
  nodesChanged(): void {
    const { nodes } = this.#options
    for (const placed of this.#placed.values()) {
      if (placed.node !== undefined && !nodes.isLive(placed.node)) this.#unplace(placed, placed.node)
      if (placed.node === undefined || placed.isAborted) void this.#place(placed)
    }
  }

  close(): void {
    this.#retry?.cancel()
    this.#placed.clear()
  }

  /** Its home ends it; where it has none any more, it has ended. */
  async #abort(placed: Placed): Promise<void> {
    const { calls, nodes, onOver } = this.#options
    const { node, work } = placed
    const address = node === undefined ? undefined : nodes.addressOf(node)
    if (address === undefined) return onOver(work, 'cancelled')
    try {
      await calls.call(address, ['abort', work.session])
    } catch (error) {
      if (!StigmergyError.is(error)) throw error
      this.#again()
    }
  }

  async #place(placed: Placed): Promise<void> {
    const { calls, nodes, mayAct } = this.#options
    if (placed.isAborted) return this.#abort(placed)
    const node = mayAct() ? this.#choose(placed.work) : undefined
    const address = node === undefined ? undefined : nodes.addressOf(node)
    if (node === undefined || address === undefined) return this.#again()
    placed.node = node
    this.#loads.count(node, 1)
    try {
      const answer = (await calls.call(address, ['run', placed.work])) as RunAnswer
      if (answer === 'over') this.#options.onOver(placed.work, 'succeeded')
    } catch (error) {
      this.#notTaken(placed, node, error)
    }
  }

  /** A node that did not answer may have taken it: it is asked again as long as it lives, and no other. */
  #notTaken(placed: Placed, node: string, error: unknown): void {
    if (this.#placed.get(placed.work.session) !== placed || placed.node !== node) return
    if (!StigmergyError.is(error) || !error.retryable) process.emitWarning(asError(error))
    this.#unplace(placed, node)
    this.#again()
  }

  #unplace(placed: Placed, node: string): void {
    placed.node = undefined
    this.#loads.count(node, -1)
  }

  #choose(work: Work): string | undefined {
    const { app, fn, objects } = work
    const candidates = this.#loads.thatRun(app)
    if (candidates.length < 2) return candidates[0]?.id
    return candidates[this.#options.placement.choose(candidates, { app, fn, bytes: bytesPerNode(objects) })]
      ?.id
  }

  #again(): void {
    const { clock, retryMs } = this.#options
    this.#retry ??= clock.setTimer(clock.now() + retryMs, () => {
      this.#retry = undefined
      this.nodesChanged()
    })
  }
}
