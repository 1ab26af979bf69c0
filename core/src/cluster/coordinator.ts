import type { Clock } from '../clock.js'
import type { ClusterMember } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { Calls } from './calls.js'
import type { ClusterMessage, ToCoordinator } from './cluster-messages.js'
import { Dispatcher } from './dispatcher.js'
import { Lease } from './lease.js'
import { Members } from './members.js'
import type { Neighbours } from './neighbours.js'
import type { NodePlacement } from './node-placement.js'
import { Reclaimer } from './reclaimer.js'
import type { MemberEntry } from './register-values.js'
import type { ClusterSettings } from './settings.js'
import { RoomFinder } from './room-finder.js'
import { Settler } from './settler.js'
import { ShardAnswers } from './shard-answers.js'
import { ShardKeeper } from './shard-keeper.js'
import { ShardMap } from './shard-map.js'
import type { SharedApp } from './shard-state.js'
import type { ShardStatus } from './shard-status.js'
import { ShardTable } from './shard-table.js'
import type { Decision } from './decision.js'
import { Waiters } from './waiters.js'

/** What happens in a coordinator, for those who watch it. */
export type CoordinatorEvent =
  | { readonly type: 'shard-gained' | 'shard-lost'; readonly shard: number; readonly epoch: number }
  | { readonly type: 'decided'; readonly shard: number; readonly decision: Decision }
  | { readonly type: 'lease-lost'; readonly error: Error }

export interface CoordinatorParts {
  readonly member: ClusterMember
  readonly settings: ClusterSettings
  /** Never given before, and fit for a key of the register. */
  readonly id: string
  readonly name: string
  /** What else of this member makes and answers calls. */
  readonly neighbours: Neighbours
  readonly apps: ReadonlyMap<string, SharedApp>
  /** The time that triggers see. */
  readonly clock: Clock
  /** Time that does not jump: for leases. */
  readonly steadyClock: Clock
  readonly placement: NodePlacement
  readonly onEvent: (event: CoordinatorEvent) => void
}

/**
 * One coordinator: holds its share of the shards, has what they decide carried out by the nodes, and answers nodes and clients.
 * Nothing that it does outlasts its lease.
 */
export class Coordinator {
  readonly id: string
  readonly #parts: CoordinatorParts
  readonly #calls: Calls<ClusterMessage>
  readonly #lease: Lease
  readonly #coordinators: Members
  readonly #nodes: Members
  readonly #map: ShardMap
  readonly #keeper: ShardKeeper
  readonly #dispatcher: Dispatcher
  readonly #waiters: Waiters
  readonly #shards: ShardTable
  #isOver = false

  constructor(parts: CoordinatorParts) {
    const { id, member, settings, apps, clock, steadyClock, placement } = parts
    const { register, transport, journal } = member
    const { leaseMs, retryMs, callMs, maxCalls } = settings
    this.id = id
    this.#parts = parts
    this.#calls = new Calls<ClusterMessage>({
      transport,
      clock: steadyClock,
      address: `coordinator.${this.id}`,
      neighbours: parts.neighbours,
      maxCalls,
      timeoutMs: callMs,
      answer: (message) => answers.answer(message as ToCoordinator),
    })
    const common = { register, clock: steadyClock, leaseMs }
    this.#lease = new Lease({
      ...common,
      key: `coordinators.${this.id}`,
      entry: () => this.#entry(),
      onLost: (error) => this.#leaseLost(error),
    })
    const balance = (): void => void this.#keeper.balance()
    this.#coordinators = new Members({ ...common, prefix: 'coordinators', onChange: balance })
    this.#nodes = new Members({ ...common, prefix: 'nodes', onChange: () => this.#nodesChanged() })
    this.#map = new ShardMap(register, balance)
    this.#keeper = new ShardKeeper({
      ...common,
      id,
      shards: settings.shards,
      lease: this.#lease,
      coordinators: this.#coordinators,
      map: this.#map,
      onGained: (shard, epoch) => void this.#shards.gain(shard, epoch),
      onLeaving: (shard) => this.#shards.giveUp(shard),
      onLost: (shard) => this.#shards.lose(shard),
    })
    const mayAct = (): boolean => this.mayAct
    this.#dispatcher = new Dispatcher({
      ...{ id, calls: this.#calls, clock: steadyClock, nodes: this.#nodes, placement, retryMs, mayAct },
      onOver: (work, outcome) => this.#shards.ended(work, outcome),
    })
    this.#waiters = new Waiters(steadyClock, callMs / 2)
    this.#shards = new ShardTable({
      ...{ journal, settings, apps, clock, mayAct },
      ...{ calls: this.#calls, nodes: this.#nodes, dispatcher: this.#dispatcher, waiters: this.#waiters },
      reclaimer: new Reclaimer(this.#calls, this.#nodes),
      settler: new Settler(this.#calls),
      onGained: (shard, epoch) => parts.onEvent({ type: 'shard-gained', shard, epoch }),
      onLost: (shard, epoch) => this.#shardLost(shard, epoch),
      onDecided: (shard, decision) => parts.onEvent({ type: 'decided', shard, decision }),
    })
    const answers = new ShardAnswers({
      shards: this.#shards,
      dispatcher: this.#dispatcher,
      waiters: this.#waiters,
      maxPuts: settings.maxPutsPerSession,
      rooms: new RoomFinder({
        nodes: this.#nodes,
        placement,
        givenTo: (node) => this.#dispatcher.givenTo(node),
      }),
    })
  }

  /** Joins the others. Rejects with `STG_CLUSTER_UNAVAILABLE`. */
  async open(): Promise<void> {
    try {
      await this.#calls.open()
      await Promise.all([this.#map.open(), this.#coordinators.open(), this.#nodes.open()])
      await this.#lease.take()
    } catch (error) {
      await this.#stop()
      throw error
    }
    await this.#keeper.balance()
  }

  /** Whether it decides, and has others do what it decided. */
  get mayAct(): boolean {
    return !this.#isOver && this.#lease.isValid
  }

  /** The shards that it holds, as they stand. */
  status(): readonly ShardStatus[] {
    return this.#shards.status()
  }

  /** Gives its shards to the others, and leaves. */
  async close(): Promise<void> {
    await this.#keeper.close()
    await this.#lease.release()
    await this.#stop()
  }

  #entry(): MemberEntry {
    const { name, apps } = this.#parts
    return {
      id: this.id,
      name,
      address: this.#calls.address,
      slots: 0,
      running: 0,
      queued: this.#dispatcher.size,
      room: 0,
      sessions: this.#shards.size,
      apps: [...apps.keys()],
    }
  }

  #leaseLost(error: StigmergyError): void {
    this.#parts.onEvent({ type: 'lease-lost', error })
    void this.#stop()
  }

  async #stop(): Promise<void> {
    this.#isOver = true
    this.#lease.abandon()
    this.#shards.loseAll()
    this.#dispatcher.close()
    this.#waiters.close()
    await Promise.all([this.#coordinators.close(), this.#nodes.close(), this.#map.close()])
    await this.#calls.close()
  }

  #shardLost(shard: number, epoch: number): void {
    this.#keeper.held.delete(shard)
    this.#parts.onEvent({ type: 'shard-lost', shard, epoch })
    if (!this.#isOver) void this.#keeper.balance()
  }

  /** Of nodes that are silent the entries are removed: they may not come back as if nothing had happened. */
  #nodesChanged(): void {
    const { register } = this.#parts.member
    for (const { entry, revision } of this.#nodes.silent)
      register.delete(`nodes.${entry.id}`, revision).catch((error: unknown) => {
        if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) process.emitWarning(asError(error))
      })
    this.#dispatcher.nodesChanged()
  }
}
