import type { Clock, Timer } from '../clock.js'
import type { Codec } from '../codec.js'
import type { ClusterMember, ValuePort } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Ids } from '../ids.js'
import type { Owner } from '../runtime/owner.js'
import type { Worker } from '../worker/worker.js'
import type { DefinedCluster } from './cluster-config.js'
import { Coordinator, type CoordinatorEvent } from './coordinator.js'
import { ClusterHome } from './home.js'
import { Neighbours } from './neighbours.js'
import type { NodePlacement } from './node-placement.js'
import { openValues } from './open-values.js'
import type { LostObjects } from './unsettled-puts.js'
import type { SessionPuts } from './session-puts.js'
import type { ShardStatus } from './shard-status.js'
import type { SharedApp } from './shard-state.js'

export interface MembershipParts {
  readonly definition: DefinedCluster
  readonly worker: Worker
  readonly apps: ReadonlyMap<string, SharedApp>
  readonly codec: Codec
  readonly ids: Ids
  /** The time that triggers see. */
  readonly clock: Clock
  /** Time that does not jump: for leases. */
  readonly steadyClock: Clock
  readonly placement: NodePlacement
  /** Functions that this node may have under way. */
  readonly slots: number
  readonly onEvent: (event: MemberEvent) => void
}

/** What happens in a member, for those who watch it. */
export type MemberEvent = CoordinatorEvent | ({ readonly type: 'objects-lost' } & LostObjects)

/** A runtime's part in a cluster, as its user sees it. */
export interface ClusterView {
  /** Its id as a node; undefined while it is none. */
  readonly node: string | undefined
  /** Its id as a coordinator; undefined while it is none. */
  readonly coordinator: string | undefined
  /** Whether it acts for the cluster: it has joined in all of its roles, its leases are valid, and it is not about to leave. */
  readonly mayAct: boolean
  /** Functions that run on other nodes for sessions that are at home here. */
  readonly away: number
  /** Functions that run here for sessions that are at home on other nodes. */
  readonly guests: number
  /** The shards that it coordinates, as they stand. */
  readonly shards: readonly ShardStatus[]
}

/**
 * A runtime's part in a cluster: a node, a coordinator, or both. One that was taken for dead has nothing left of what it did for
 * the cluster, and joins again as another.
 */
export class Membership implements ClusterView, AsyncDisposable {
  readonly #parts: MembershipParts
  readonly #member: ClusterMember
  readonly #values: ValuePort | undefined
  readonly #neighbours = new Neighbours()
  readonly #timers = new Set<Timer>()
  #home: ClusterHome | undefined
  #coordinator: Coordinator | undefined
  #isLeaving = false
  #isClosed = false
  #closing: Promise<void> | undefined

  constructor(parts: MembershipParts, member: ClusterMember, values: ValuePort | undefined) {
    this.#parts = parts
    this.#member = member
    this.#values = values
  }

  get node(): string | undefined {
    return this.#home?.id
  }

  get coordinator(): string | undefined {
    return this.#coordinator?.id
  }

  get away(): number {
    return this.#home?.away ?? 0
  }

  get guests(): number {
    return this.#home?.guests ?? 0
  }

  get shards(): readonly ShardStatus[] {
    return this.#coordinator?.status() ?? []
  }

  get mayAct(): boolean {
    const { node, coordinator } = this.#parts.definition
    const parts = [...(node ? [this.#home] : []), ...(coordinator ? [this.#coordinator] : [])]
    return !this.#isLeaving && parts.every((part) => part?.mayAct === true)
  }

  /** Rejects with `STG_CLUSTER_UNAVAILABLE`. */
  async open(): Promise<void> {
    const { node, coordinator } = this.#parts.definition
    if (coordinator) await this.#openCoordinator()
    if (node) await this.#openHome()
  }

  /** Puts into sessions of the cluster by name; undefined where no functions run. Throws `STG_CLUSTER_UNAVAILABLE` while it joins again. */
  get sessionPuts(): SessionPuts | undefined {
    const { node, name } = this.#parts.definition
    if (!node) return undefined
    if (this.#home === undefined) throw isJoining(name)
    return this.#home.sessionPuts
  }

  /** Takes no more work from the cluster; what is here goes on. */
  leave(): void {
    this.#isLeaving = true
    this.#home?.leave()
  }

  /** Leaves. What has not ended here runs again elsewhere. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) timer.cancel()
    await this.#home?.close()
    await this.#coordinator?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #openHome(): Promise<void> {
    const { worker, slots, codec, onEvent, definition } = this.#parts
    const { store } = worker
    const { inlineBytes } = definition.settings
    const { maxRecordBytes } = this.#member.journal
    const luggage = { codec, store, values: this.#values, inlineBytes, maxRecordBytes }
    const onLeaseLost = (error: StigmergyError): void => {
      this.#home = undefined
      onEvent({ type: 'lease-lost', error })
      this.#again(() => this.#openHome())
    }
    const onLost = (lost: LostObjects): void => onEvent({ type: 'objects-lost', ...lost })
    const home = new ClusterHome({ ...this.#common(), worker, slots, luggage, onLost, onLeaseLost })
    await home.open()
    this.#home = home
  }

  async #openCoordinator(): Promise<void> {
    const { clock, placement, onEvent } = this.#parts
    const coordinator = new Coordinator({
      ...this.#common(),
      clock,
      placement,
      onEvent: (event) => {
        onEvent(event)
        if (event.type !== 'lease-lost') return
        this.#coordinator = undefined
        this.#again(() => this.#openCoordinator())
      },
    })
    await coordinator.open()
    this.#coordinator = coordinator
  }

  #common(): Pick<MembershipParts, 'apps' | 'steadyClock'> & {
    readonly member: ClusterMember
    readonly settings: DefinedCluster['settings']
    readonly name: string
    readonly id: string
    readonly neighbours: Neighbours
  } {
    const { apps, steadyClock, definition, ids } = this.#parts
    const { settings, name } = definition
    const id = `${name}-${ids.session().replaceAll('.', '-')}`
    return { id, member: this.#member, neighbours: this.#neighbours, apps, steadyClock, settings, name }
  }

  /** Until it succeeds, or the runtime closes. */
  #again(open: () => Promise<void>): void {
    const { steadyClock, definition } = this.#parts
    if (this.#isClosed) return
    const timer = steadyClock.setTimer(steadyClock.now() + definition.settings.retryMs, () => {
      this.#timers.delete(timer)
      open().catch((error: unknown) => {
        if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) process.emitWarning(asError(error))
        this.#again(open)
      })
    })
    this.#timers.add(timer)
  }
}

function isJoining(name: string): StigmergyError {
  return new StigmergyError('STG_CLUSTER_UNAVAILABLE', `${name} is about to join the cluster again.`, {
    retryable: true,
    details: { name },
  })
}

/** Joins as the config says. What is opened belongs to `owner`. Rejects with `STG_CLUSTER_UNAVAILABLE`. */
export async function joinCluster(
  parts: MembershipParts,
  owner: Owner,
  signal: AbortSignal | undefined,
): Promise<Membership> {
  const { exchange, cluster, values } = parts.definition
  const member = owner.own(await exchange.join(signal === undefined ? { cluster } : { cluster, signal }))
  const { codec, worker } = parts
  const common = { register: member.register, store: worker.store, codec }
  const port = values === undefined ? undefined : owner.own(await openValues(values, common))
  const membership = owner.own(new Membership(parts, member, port))
  await membership.open()
  return membership
}
