import type { Clock, Timer } from '../clock.js'
import type { Outcome } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { LazyPromise } from '../lazy-promise.js'
import type { Calls } from './calls.js'
import type { ClusterMessage, EnterAnswer, RunAnswer, Work } from './cluster-messages.js'
import type { Members } from './members.js'
import { bytesPerNode, type NodePlacement } from './node-placement.js'
import { NodeLoads } from './node-loads.js'
import type { SentPut } from './shared-sessions.js'
import type { WorkUnderWay } from './work-of.js'

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

/** What came of a put into a session. */
export interface Entered {
  /** `absent` when the work is not under way here. */
  readonly answer: EnterAnswer
  /** Whether the home that has answered is still the session's. */
  readonly isThere: () => boolean
}

/** Work that is to be run, and where it is. */
interface Placed extends WorkUnderWay {
  /** Id of the node that has it, or was asked to take it. */
  node: string | undefined
  /** Resolves to the address of its home when that has it, with all that was put so far; made anew when it has none any more. */
  home: LazyPromise<string>
  /** Nodes that may run it besides: they were asked and did not answer, or were found to. */
  strays: ReadonlySet<string>
  /** Whether what still runs of it is in vain. */
  isAborted: boolean
}

/** Has the work of this coordinator's shards run on the nodes: each on one that lives, and on another when that one dies. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #placed = new Map<string, Placed>()
  readonly #loads: NodeLoads
  /** What ended elsewhere, and nodes that still may run it. */
  readonly #toEnd = new Map<string, Set<string>>()
  readonly #pausing = new Set<() => void>()
  #retry: Timer | undefined
  #isClosed = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#loads = new NodeLoads(options.nodes, options.id)
  }

  /** Work that has not ended. */
  get size(): number {
    return this.#placed.size
  }

  /** Work that a node has, or was asked to take. */
  givenTo(node: string): number {
    return this.#loads.givenTo(node)
  }

  /** Has the work run, unless it is being run. The nodes besides may have it, and have not said so. */
  add(underWay: WorkUnderWay, strays: ReadonlySet<string> = none): void {
    const { session } = underWay.work
    if (this.#placed.has(session)) return
    const placed = place(underWay, undefined, strays)
    this.#placed.set(session, placed)
    void this.#place(placed)
  }

  /** A node has the work already: known from asking the nodes after a change of holders. It may lack some of the puts. */
  adopt(underWay: WorkUnderWay, node: string, strays: ReadonlySet<string>): void {
    const { session } = underWay.work
    if (this.#placed.has(session)) return
    const placed = place(underWay, node, strays)
    this.#placed.set(session, placed)
    this.#loads.count(node, 1)
    void this.#give(placed, node)
  }

  /** Whether the work stays on this node, which has told that it has ended there: not if another has it. Undefined for what is not known yet. */
  keep(session: string, node: string): boolean | undefined {
    const placed = this.#placed.get(session)
    if (placed === undefined) return undefined
    if (placed.node !== undefined && placed.node !== node) return false
    if (placed.node === node) return true
    this.#putOn(placed, node)
    void this.#give(placed, node)
    return true
  }

  /** Hands a put to the home of its session, once that has it. */
  async enter(put: SentPut): Promise<Entered> {
    for (;;) {
      const placed = this.#placed.get(put.session)
      if (placed === undefined) return { answer: 'absent', isThere: () => false }
      const { home } = placed
      try {
        const address = await home.promise
        const answer = (await this.#options.calls.call(address, ['enter', put])) as EnterAnswer
        if (answer !== 'absent') return { answer, isThere: () => placed.home === home }
      } catch (error) {
        if (!StigmergyError.is(error)) throw error // who has it may have changed
      }
      await this.#pause()
    }
  }

  /** The work has ended, or is not this coordinator's any more. */
  remove(session: string): void {
    const placed = this.#placed.get(session)
    if (placed === undefined) return
    this.#placed.delete(session)
    placed.home.reject(hasNone(session))
    if (placed.node !== undefined) this.#loads.count(placed.node, -1)
  }

  /** The end of the work on this node counts: it ends wherever else it may run, whoever is known to. */
  endElsewhere(session: string, node: string): () => void {
    const placed = this.#placed.get(session)
    const others = new Set(placed?.strays)
    if (placed?.node !== undefined) others.add(placed.node)
    others.delete(node)
    return () => this.end(session, others)
  }

  /** Nobody wants what nodes still run of this session. */
  end(session: string, nodes: ReadonlySet<string>): void {
    if (nodes.size === 0) return
    const toEnd = this.#toEnd.get(session) ?? new Set()
    for (const node of nodes) toEnd.add(node)
    this.#toEnd.set(session, toEnd)
    void this.#end(session)
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
      if (placed.node !== undefined && !nodes.isLive(placed.node)) this.#loseNode(placed, placed.node)
      if (placed.node === undefined || placed.isAborted) void this.#place(placed)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#retry?.cancel()
    this.#toEnd.clear()
    for (const session of [...this.#placed.keys()]) this.remove(session)
    for (const wake of [...this.#pausing]) wake()
  }

  async #end(session: string): Promise<void> {
    const toEnd = this.#toEnd.get(session) ?? new Set()
    for (const node of toEnd) if (await this.#isEndedOn(node, session)) toEnd.delete(node)
    if (toEnd.size === 0) this.#toEnd.delete(session)
    else this.#again()
  }

  /** A node that is silent may come back; one that is gone has nothing left. */
  async #isEndedOn(node: string, session: string): Promise<boolean> {
    const { calls, nodes } = this.#options
    const address = nodes.addressOf(node)
    if (address === undefined) return nodes.revisionOf(node) === 0
    try {
      await calls.call(address, ['abort', session])
      return true
    } catch (error) {
      if (!StigmergyError.is(error)) throw error
      return false
    }
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
    const { work, puts } = placed
    if (placed.isAborted) return this.#abort(placed)
    const node = mayAct() ? this.#choose(work) : undefined
    const address = node === undefined ? undefined : nodes.addressOf(node)
    if (node === undefined || address === undefined) return this.#again()
    this.#putOn(placed, node)
    try {
      const answer = (await calls.call(address, ['run', work, [...puts.values()]])) as RunAnswer
      if (answer === 'over') this.#options.onOver(work, 'succeeded')
      else await this.#give(placed, node)
    } catch (error) {
      this.#notTaken(placed, node, error)
    }
  }

  /** It may have the work from an earlier asking: then it gets the puts that came since. Those that it has do nothing. */
  async #give(placed: Placed, node: string): Promise<void> {
    const { calls, nodes } = this.#options
    const { puts, home } = placed
    const isThere = (): boolean => placed.node === node && placed.home === home
    try {
      for (const put of puts.values()) {
        const address = nodes.addressOf(node)
        if (address === undefined || !isThere()) return
        const answer = (await calls.call(address, ['enter', put])) as EnterAnswer
        if (answer === 'absent') throw hasNone(placed.work.session)
      }
      const address = nodes.addressOf(node)
      if (address !== undefined && isThere()) home.resolve(address)
    } catch (error) {
      this.#notTaken(placed, node, error)
    }
  }

  /** A node that did not answer may have taken it all the same, and another is asked: it ends there when it has ended. */
  #notTaken(placed: Placed, node: string, error: unknown): void {
    if (this.#placed.get(placed.work.session) !== placed || placed.node !== node) return
    if (!StigmergyError.is(error) || !error.retryable) process.emitWarning(asError(error))
    if (StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) this.#loseNode(placed, node)
    else this.#unplace(placed, node)
    this.#again()
  }

  #putOn(placed: Placed, node: string): void {
    placed.node = node
    placed.strays = without(placed.strays, node)
    this.#loads.count(node, 1)
  }

  /** It may be alive all the same, and run the work. */
  #loseNode(placed: Placed, node: string): void {
    const known = [...placed.strays, node].filter((each) => this.#options.nodes.revisionOf(each) > 0)
    placed.strays = new Set(known)
    this.#unplace(placed, node)
  }

  #unplace(placed: Placed, node: string): void {
    placed.node = undefined
    placed.home.reject(hasNone(placed.work.session))
    placed.home = new LazyPromise()
    this.#loads.count(node, -1)
  }

  #choose(work: Work): string | undefined {
    const { app, fn, objects } = work
    const candidates = this.#loads.thatRun(app)
    if (candidates.length < 2) return candidates[0]?.id
    return candidates[this.#options.placement.choose(candidates, { app, fn, bytes: bytesPerNode(objects) })]
      ?.id
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#pausing.delete(wake)
        resolve()
      }
      this.#pausing.add(wake)
      this.#again()
    })
  }

  #again(): void {
    const { clock, retryMs } = this.#options
    if (this.#isClosed) return
    this.#retry ??= clock.setTimer(clock.now() + retryMs, () => {
      this.#retry = undefined
      this.nodesChanged()
      for (const session of [...this.#toEnd.keys()]) void this.#end(session)
      for (const wake of [...this.#pausing]) wake()
    })
  }
}

const none: ReadonlySet<string> = new Set()

function place({ work, puts }: WorkUnderWay, node: string | undefined, strays: ReadonlySet<string>): Placed {
  const others = node === undefined ? strays : without(strays, node)
  return { work, puts, node, home: new LazyPromise(), strays: others, isAborted: false }
}

function without(nodes: ReadonlySet<string>, node: string): ReadonlySet<string> {
  return nodes.has(node) ? new Set([...nodes].filter((each) => each !== node)) : nodes
}

function hasNone(session: string): StigmergyError {
  return new StigmergyError('STG_CLUSTER_UNAVAILABLE', `Session ${session} has no home at the moment.`, {
    retryable: true,
    details: { session },
  })
}
