import {
  type ClusterSettings,
  CountingIds,
  defineRuntime,
  provide,
  type Runtime,
  start,
  Tokens,
} from 'stigmergy'
import type { SimulatedApp } from './app.js'
import { SimulatedProcess, type Surroundings } from './process.js'
import type { Random } from './random.js'

export interface NodesParts {
  readonly surroundings: Surroundings
  readonly random: Random
  readonly app: SimulatedApp
  readonly settings: Partial<ClusterSettings>
  /** Functions that a node runs at a time; undefined for any number. */
  readonly slots: number | undefined
  readonly say: (what: string) => void
  readonly wrong: (what: string) => void
}

export type Role = 'node' | 'coordinator' | 'both'

/** What a coordinator had to do: frames that it has received, and records that it has written. */
export interface CoordinatorLoad {
  readonly received: number
  readonly written: number
}

interface Member {
  readonly role: Role
  readonly process: SimulatedProcess
  readonly runtime: Runtime
  sessions: number
}

/** Clocks are wrong by up to so many ms, and so much too fast or too slow. */
const worstOffsetMs = 5_000
const worstDrift = 0.05
/** A session that puts have opened ends so many ms after the last of them, when nothing of it waits. */
const sessionIdleMs = 20_000
/** One that could not join tries again after so many ms. */
const restartMs = 500

/** The runtimes of a simulated cluster, and what must hold for all of them together. */
export class Nodes {
  readonly #parts: NodesParts
  readonly #members = new Map<SimulatedProcess, Member>()
  readonly #holders = new Map<string, string>()
  readonly #fired = new Map<string, string>()
  #names = 0
  /** Firings of all triggers, in sessions and across them. */
  fired = 0

  constructor(parts: NodesParts) {
    this.#parts = parts
  }

  get live(): readonly Member[] {
    return [...this.#members.values()].filter(({ process }) => process.isAlive)
  }

  get sessionsBegun(): readonly number[] {
    const nodes = [...this.#members.values()].filter(({ role }) => role !== 'coordinator')
    return nodes.map(({ sessions }) => sessions)
  }

  get coordinatorLoads(): readonly CoordinatorLoad[] {
    const coordinators = [...this.#members.values()].filter(({ role }) => role !== 'node')
    return coordinators.map(({ process: { received, written } }) => ({ received, written }))
  }

  /** Firings of shared triggers that are not done. */
  get firings(): number {
    const coordinators = this.live.filter(({ role }) => role !== 'node')
    const shards = coordinators.flatMap(({ runtime }) => runtime.cluster?.shards ?? [])
    return shards.reduce((sum, { firings }) => sum + firings, 0)
  }

  /** Functions that run for sessions of other nodes, or are taken to do so. */
  get awayOrGuests(): number {
    return this.live.reduce((sum, { runtime: { cluster } }) => sum + cluster!.away + cluster!.guests, 0)
  }

  /** Sessions that go on. */
  get sessions(): number {
    return this.live.reduce((sum, { runtime }) => sum + runtime.stats.sessions.live, 0)
  }

  async start(role: Role): Promise<void> {
    const { surroundings, random, app, settings, slots, say } = this.#parts
    this.#names += 1
    const offset = random.whole(-worstOffsetMs, worstOffsetMs)
    const rate = 1 + (random.next() * 2 - 1) * worstDrift
    const process = new SimulatedProcess(`${role}${this.#names}`, surroundings, { offset, rate })
    const { name, exchange, clock, steadyClock } = process
    const roles = { node: role !== 'coordinator', coordinator: role !== 'node' }
    const definition = defineRuntime({
      cluster: { exchange, name, values: undefined, ...roles, ...settings },
      limits: { sessionIdleMs, ...(slots === undefined ? {} : { slots }) },
      provide: [
        provide(Tokens.Clock, clock),
        provide(Tokens.SteadyClock, steadyClock),
        provide(Tokens.Ids, new CountingIds(`${name}.`)),
      ],
    })
    say(`${name} starts`)
    try {
      const runtime = await start(definition, app)
      this.#watch({ role, process, runtime, sessions: 0 })
    } catch (error) {
      if (process.isAlive) say(`${name} could not start: ${String(error)}`)
      process.kill()
      surroundings.time.after(restartMs, () => void this.start(role))
    }
  }

  /** After every step, of the members that it was in: `admitted = fired + disposed + pending`. */
  checkLedgers(): void {
    const { stepped } = this.#parts.surroundings
    for (const process of stepped) {
      const member = this.#members.get(process)
      if (member !== undefined && process.isAlive) this.#checkLedgersOf(member)
    }
    stepped.clear()
  }

  #checkLedgersOf({ runtime, process }: Member): void {
    for (const { triggers } of runtime.cluster?.shards ?? [])
      for (const { trigger, ledger } of triggers) {
        const { admitted, fired, pending, disposed } = ledger
        const gone = Object.values(disposed).reduce((sum, count) => sum + count, 0)
        if (admitted !== fired + gone + pending)
          this.#parts.wrong(`${process.name}: the ledger of ${trigger} is ${JSON.stringify(ledger)}`)
      }
  }

  #watch(member: Member): void {
    const { name } = member.process
    this.#members.set(member.process, member)
    member.runtime.on((event) => {
      if (!member.process.isAlive) return
      if (event.type === 'session-began') member.sessions += 1
      if (event.type === 'shard-gained') this.#holds(name, event.shard, event.epoch)
      if (event.type === 'cluster-lease-lost') this.#parts.say(`${name} has lost a lease`)
      if (event.type === 'trigger-fired') this.#firedBy(name, event.trigger, event.firing)
    })
  }

  #holds(name: string, shard: number, epoch: number): void {
    this.#parts.say(`${name} holds shard ${shard} under epoch ${epoch}`)
    this.#once(this.#holders, `shard ${shard} under epoch ${epoch} is held`, name)
  }

  #firedBy(name: string, trigger: string, firing: string): void {
    this.fired += 1
    if (trigger.startsWith('items.') || trigger.startsWith('results.')) return // may be decided again with its session
    this.#once(this.#fired, `firing ${firing} is recorded`, name)
  }

  #once(known: Map<string, string>, what: string, name: string): void {
    const before = known.get(what)
    if (before !== undefined) this.#parts.wrong(`${what} by ${before} and by ${name}`)
    known.set(what, name)
  }
}
