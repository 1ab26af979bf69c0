import { connect, CountingIds, type ClusterClient, type ClusterSettings, type LostObjects } from 'stigmergy'
import {
  batchSize,
  expectedReply,
  parts,
  putsPerSession,
  type Runs,
  type Seen,
  simulatedApp,
  type SimulatedApp,
} from './app.js'
import { FaultInjector, type FaultPlan } from './faults.js'
import { NamedSession } from './named-session.js'
import { Network } from './network.js'
import { type CoordinatorLoad, Nodes } from './nodes.js'
import { SimulatedProcess, type Surroundings } from './process.js'
import { Random } from './random.js'
import { Request } from './request.js'
import { Servers } from './servers.js'
import { VirtualTime } from './virtual-time.js'

/** A run of a cluster: what its seed does not decide. */
export interface TrialPlan {
  readonly seed: number
  readonly nodes: number
  /** Coordinators that run no functions; without any, each node coordinates, too. */
  readonly coordinators: number
  readonly requests: number
  /** Objects that a client puts from outside. */
  readonly puts: number
  /** Sessions that a client puts into by their names. */
  readonly named: number
  readonly settings: Partial<ClusterSettings>
  /** Functions that a node runs at a time; then it has others run what is too much. */
  readonly slots?: number
  readonly faults: FaultPlan
}

export interface TrialResult {
  /** What was wrong; none when all was well. */
  readonly problems: readonly string[]
  /** What happened, with the moments. */
  readonly log: readonly string[]
  readonly frames: number
  readonly appends: number
  readonly registerChanges: number
  /** Of all triggers, in sessions and across them. */
  readonly firings: number
  readonly coordinatorLoads: readonly CoordinatorLoad[]
  /** Sessions that each node was home of. */
  readonly sessionsPerNode: readonly number[]
}

/** Everything is mended after so many ms, and has to come to an end so many ms later. */
const unquietMs = 20_000
const patienceMs = 180_000

/** One run of a cluster on virtual time, as its seed has it. */
export class Trial {
  readonly #plan: TrialPlan
  readonly #random: Random
  readonly #time = new VirtualTime()
  readonly #surroundings: Surroundings
  readonly #seen: Seen = { batches: new Map(), windows: new Map(), fleeting: new Map() }
  readonly #app: SimulatedApp
  readonly #nodes: Nodes
  readonly #requests: Request[] = []
  readonly #named: NamedSession[] = []
  readonly #problems = new Set<string>()
  readonly #log: string[] = []
  #puts = 0
  /** Objects that were put into a memory, and those of them of which the client was told that they are lost. */
  #fleeting = 0
  readonly #lost = new Set<string>()

  constructor(plan: TrialPlan) {
    const { seed, faults } = plan
    this.#plan = plan
    this.#random = new Random(seed)
    const network = new Network(this.#time, new Random(seed + 0.1), faults.network)
    const servers = new Servers(this.#time, new Random(seed + 0.2))
    this.#surroundings = { time: this.#time, network, servers, stepped: new Set() }
    this.#app = simulatedApp(this.#time, new Random(seed + 0.3), this.#seen)
    this.#nodes = new Nodes({
      surroundings: this.#surroundings,
      random: this.#random,
      app: this.#app,
      settings: plan.settings,
      slots: plan.slots,
      say: (what) => this.#say(what),
      wrong: (what) => void this.#problems.add(what),
    })
  }

  /** ms of its time that have passed. */
  get elapsed(): number {
    return this.#time.elapsed
  }

  async run(): Promise<TrialResult> {
    const { nodes, coordinators, requests, puts, named, faults } = this.#plan
    for (let count = 0; count < coordinators; count += 1) void this.#nodes.start('coordinator')
    const role = coordinators > 0 ? 'node' : 'both'
    for (let count = 0; count < nodes; count += 1) void this.#nodes.start(role)
    const client = await this.#connect()
    for (let count = 0; count < requests; count += 1) this.#within(() => this.#request(client))
    for (let count = 0; count < named; count += 1) this.#enterInto(client, count)
    for (let count = 0; count < puts; count += 1) this.#within(() => void this.#put(client, count))
    for (let count = 0; count < puts * 2; count += 1)
      this.#within(() => void this.#putFleeting(client, count))
    const injector = new FaultInjector(faults, this.#random, this.#surroundings, this.#nodes, (what) =>
      this.#say(what),
    )
    injector.schedule(unquietMs)
    await this.#time.until(() => this.#isOver(), this.#time.now() + patienceMs)
    this.#tellUnfinished()
    this.#checkRuns(this.#seen.batches)
    this.#checkRuns(this.#seen.windows)
    return this.#result()
  }

  #result(): TrialResult {
    const { network, servers } = this.#surroundings
    return {
      problems: [...this.#problems],
      log: this.#log,
      frames: network.frames,
      appends: servers.appends,
      registerChanges: servers.changes,
      firings: this.#nodes.fired,
      coordinatorLoads: this.#nodes.coordinatorLoads,
      sessionsPerNode: this.#nodes.sessionsBegun,
    }
  }

  #within(run: () => void): void {
    this.#time.after(this.#random.whole(0, unquietMs), run)
  }

  #isOver(): boolean {
    this.#nodes.checkLedgers()
    if (this.#time.elapsed <= unquietMs) return false
    const { requests, puts } = this.#plan
    const allAsked = this.#requests.length === requests && this.#puts === puts && this.#fleeting === puts * 2
    const sessions = [...this.#requests, ...this.#named]
    if (!allAsked || sessions.some(({ end }) => end === undefined)) return false
    const isQuiet = this.#nodes.firings === 0 && this.#nodes.awayOrGuests === 0 && this.#nodes.sessions === 0
    return isQuiet && this.#missing().length === 0
  }

  async #connect(): Promise<ClusterClient> {
    const { settings } = this.#plan
    const process = new SimulatedProcess('client', this.#surroundings, { offset: 0, rate: 1 })
    const { clock, steadyClock, exchange } = process
    let client: ClusterClient | undefined
    const onLost = ({ objects }: LostObjects): void => objects.forEach(({ key }) => this.#lost.add(key))
    void connect(
      { exchange, values: undefined, ...settings },
      { clock, steadyClock, ids: new CountingIds('client.'), onLost },
    ).then((connected) => (client = connected))
    await this.#time.until(() => client !== undefined, Infinity)
    return client!
  }

  #request(client: ClusterClient): void {
    const value = this.#random.whole(1, 1_000)
    const request = new Request(value, client.invoke(this.#app.handles.split, value))
    this.#requests.push(request)
    if (this.#random.chance(0.1)) this.#time.after(this.#random.whole(0, 200), () => request.cancel())
  }

  #enterInto(client: ClusterClient, count: number): void {
    const session = new NamedSession(`named/${count}`, this.#random.whole(1, 1_000), client, this.#app)
    this.#named.push(session)
    for (const at of parts.keys()) this.#within(() => void session.put(at))
  }

  async #put(client: ClusterClient, count: number): Promise<void> {
    await client.put(this.#app.handles.events, `put/${count}`, count)
    this.#puts += 1
  }

  async #putFleeting(client: ClusterClient, count: number): Promise<void> {
    await client.put(this.#app.handles.fleeting, `fleeting/${count}`, count)
    this.#fleeting += 1
  }

  /** Objects that were admitted for certain and that no firing has contained; a batch that is not full may wait. */
  #missing(): readonly string[] {
    const done = this.#requests.filter(({ reply }) => reply !== undefined).length
    const joined = this.#named.filter(({ reply }) => reply !== undefined).length
    const batched = keysOf(this.#seen.batches)
    const inWindows = keysOf(this.#seen.windows)
    const unbatched = done * putsPerSession.events + this.#puts - batched.size
    const missing: string[] = []
    if (unbatched >= batchSize) missing.push(`${unbatched} admitted events are in no batch`)
    const told = new Set([...this.#lost, ...keysOf(this.#seen.fleeting)])
    const untold = this.#fleeting - told.size
    if (untold >= batchSize)
      missing.push(`${untold} objects of a memory are in no batch, and nobody was told`)
    const outside = (done + joined) * putsPerSession.ticks - inWindows.size
    if (outside > 0) missing.push(`${outside} admitted ticks are in no window`)
    return missing
  }

  #tellUnfinished(): void {
    for (const request of this.#requests) {
      const { session, end, reply, value } = request
      const problem = problemOf(request)
      if (end === undefined) this.#problems.add(`session ${session.id} has not ended`)
      else if (problem !== undefined) this.#problems.add(problem)
      if (reply !== undefined && reply !== expectedReply(value))
        this.#problems.add(`session ${session.id} replied ${reply} to ${value}`)
    }
    for (const session of this.#named) for (const what of problemsOfNamed(session)) this.#problems.add(what)
    if (this.#nodes.sessions > 0)
      this.#problems.add(`${this.#nodes.sessions} sessions go on that nobody waits for`)
    if (this.#nodes.firings > 0) this.#problems.add(`${this.#nodes.firings} firings are not done`)
    if (this.#nodes.awayOrGuests > 0) this.#problems.add('functions run for others that nobody waits for')
    for (const missing of this.#missing()) this.#problems.add(missing)
    if (this.#puts < this.#plan.puts)
      this.#problems.add(`${this.#plan.puts - this.#puts} puts were not answered`)
  }

  /** A firing may run again, with the same objects; an object is in one firing only. */
  #checkRuns(runs: Runs): void {
    const firingOf = new Map<string, string>()
    for (const [id, [first, ...others]] of runs) {
      for (const other of others)
        if (other.join() !== first!.join())
          this.#problems.add(`firing ${id} ran with ${first!.join()} and with ${other.join()}`)
      for (const key of first!) {
        const before = firingOf.get(key)
        if (before !== undefined) this.#problems.add(`object ${key} is in firings ${before} and ${id}`)
        firingOf.set(key, id)
      }
    }
  }

  #say(what: string): void {
    this.#log.push(`${(this.#time.elapsed / 1_000).toFixed(3)} s: ${what}`)
  }
}

function problemOf({ session, end, reply, isCancelled }: Request): string | undefined {
  if (end === undefined) return undefined
  if (end.outcome === 'succeeded')
    return reply === undefined ? `session ${session.id} ended without a reply` : undefined
  if (isCancelled && end.outcome === 'cancelled') return undefined
  return `session ${session.id} ended as ${end.outcome}: ${end.error?.message}`
}

function* problemsOfNamed({ id, value, end, reply, refused }: NamedSession): Generator<string> {
  for (const put of refused) yield `session ${id} did not admit ${put}`
  if (end === undefined) yield `session ${id} has not ended`
  else if (end.outcome !== 'succeeded') yield `session ${id} ended as ${end.outcome}: ${end.error?.message}`
  else if (reply !== expectedReply(value)) yield `session ${id} replied ${reply} to ${value}`
}

function keysOf(runs: Runs): ReadonlySet<string> {
  return new Set([...runs.values()].flatMap(([first]) => first!))
}
