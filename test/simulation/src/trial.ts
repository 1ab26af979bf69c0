import {
  type ClusterClient,
  type ClusterSettings,
  connect,
  defineRuntime,
  provide,
  type RemoteSession,
  type Runtime,
  start,
  Tokens,
} from 'stigmergy'
import { batchSize, expectedReply, type Seen, simulatedApp, type SimulatedApp } from './app.js'
import { Network, type NetworkFaults } from './network.js'
import { SimulatedProcess, type Surroundings } from './process.js'
import { Random } from './random.js'
import { Servers } from './servers.js'
import { VirtualTime } from './virtual-time.js'

/** What a trial does, besides what its seed decides. */
export interface TrialPlan {
  readonly seed: number
  readonly nodes: number
  readonly requests: number
  /** Faults of the whole run: a kill, a cut, a pause of the servers, … */
  readonly faults: number
  readonly settings: Partial<ClusterSettings>
  readonly network: NetworkFaults
}

export interface TrialResult {
  readonly problems: readonly string[]
  readonly frames: number
  readonly appends: number
  readonly log: readonly string[]
}

interface Node {
  readonly process: SimulatedProcess
  readonly runtime: Runtime
}

interface Request {
  readonly value: number
  readonly session: RemoteSession<number>
  reply: number | undefined
  failure: Error | undefined
  isOver: boolean
}

/** ms in which faults happen; afterwards everything is mended, and must come to an end. */
const unquietMs = 20_000
const patienceMs = 120_000

/** One run of a cluster, as its seed has it. */
export class Trial {
  readonly #plan: TrialPlan
  readonly #random: Random
  readonly #time = new VirtualTime()
  readonly #surroundings: Surroundings
  readonly #seen: Seen = { batches: new Map(), joined: new Map() }
  readonly #app: SimulatedApp
  readonly #nodes: Node[] = []
  readonly #requests: Request[] = []
  readonly #epochs = new Map<string, string>()
  readonly #problems: string[] = []
  readonly #log: string[] = []
  #names = 0
  #putsAdmitted = 0

  constructor(plan: TrialPlan) {
    this.#plan = plan
    this.#random = new Random(plan.seed)
    const network = new Network(this.#time, new Random(plan.seed + 1), plan.network)
    const servers = new Servers(this.#time, new Random(plan.seed + 2))
    this.#surroundings = { time: this.#time, network, servers }
    this.#app = simulatedApp(this.#time, new Random(plan.seed + 3), this.#seen)
  }

  async run(): Promise<TrialResult> {
    const { nodes, requests, faults } = this.#plan
    for (let count = 0; count < nodes; count += 1) void this.#startNode()
    const client = await this.#connect()
    for (let count = 0; count < requests; count += 1)
      this.#time.after(this.#random.whole(0, unquietMs), () => this.#request(client))
    for (let count = 0; count < faults; count += 1)
      this.#time.after(this.#random.whole(500, unquietMs), () => this.#fault())
    this.#time.after(unquietMs, () => this.#mend())
    const end = this.#time.now() + patienceMs
    const isOver = await this.#time.until(() => this.#isOver(requests), end)
    if (!isOver) this.#tellUnfinished()
    this.#checkBatches()
    const { network, servers } = this.#surroundings
    return { problems: this.#problems, frames: network.frames, appends: servers.appends, log: this.#log }
  }

  #isOver(requests: number): boolean {
    if (this.#requests.length < requests || this.#requests.some(({ isOver }) => !isOver)) return false
    return this.#time.now() > 1_000_000 + unquietMs && this.#unfired() < batchSize
  }

  #process(name: string): SimulatedProcess {
    const offset = this.#random.whole(-5_000, 5_000)
    return new SimulatedProcess(name, this.#surroundings, {
      offset,
      rate: 1 + (this.#random.next() - 0.5) / 10,
    })
  }

  async #startNode(): Promise<void> {
    this.#names += 1
    const process = this.#process(`node${this.#names}`)
    const definition = defineRuntime({
      cluster: { exchange: process.exchange, name: process.name, ...this.#plan.settings },
      provide: [provide(Tokens.Clock, process.clock), provide(Tokens.SteadyClock, process.steadyClock)],
    })
    this.#say(`${process.name} starts`)
    let runtime: Runtime
    try {
      runtime = await start(definition, this.#app)
    } catch (error) {
      this.#say(`${process.name} could not start: ${String(error)}`)
      process.kill()
      this.#time.after(500, () => void this.#startNode())
      return
    }
    runtime.on((event) => {
      if (event.type === 'shard-gained') this.#gained(process.name, event.shard, event.epoch)
      if (event.type === 'cluster-lease-lost') this.#say(`${process.name} has lost a lease`)
    })
    this.#nodes.push({ process, runtime })
  }

  #gained(name: string, shard: number, epoch: number): void {
    this.#say(`${name} holds shard ${shard} under epoch ${epoch}`)
    const key = `${shard}.${epoch}`
    const other = this.#epochs.get(key)
    if (other !== undefined)
      this.#problems.push(`${other} and ${name} hold shard ${shard} under epoch ${epoch}`)
    this.#epochs.set(key, name)
  }

  async #connect(): Promise<ClusterClient> {
    const process = this.#process('client')
    const connecting = connect(
      { exchange: process.exchange, ...this.#plan.settings },
      {
        clock: process.clock,
        steadyClock: process.steadyClock,
      },
    )
    let client: ClusterClient | undefined
    void connecting.then((connected) => (client = connected))
    await this.#time.until(() => client !== undefined, Infinity)
    return client!
  }

  #request(client: ClusterClient): void {
    const value = this.#random.whole(1, 1_000)
    const session = client.invoke(this.#app.handles.split, value)
    const request: Request = { value, session, reply: undefined, failure: undefined, isOver: false }
    this.#requests.push(request)
    session.result.then(
      (reply) => this.#replied(request, reply),
      (error: Error) => (request.failure = error),
    )
    void session.ended.then(({ outcome, error }) => {
      request.isOver = true
      if (outcome !== 'succeeded')
        this.#problems.push(`session ${session.id} ended as ${outcome}: ${error?.message}`)
    })
  }

  #replied(request: Request, reply: number): void {
    request.reply = reply
    this.#putsAdmitted += 3
    if (reply !== expectedReply(request.value))
      this.#problems.push(`session ${request.session.id} replied ${reply} to ${request.value}`)
  }

  #fault(): void {
    const { network, servers, time } = this.#surroundings
    const live = this.#nodes.filter(({ process }) => process.isAlive)
    const what = this.#random.whole(0, 5)
    if (what <= 2 && live.length > 1) {
      const { process } = this.#random.pick(live)
      this.#say(`${process.name} is killed`)
      process.kill()
      time.after(this.#random.whole(0, 5_000), () => void this.#startNode())
    } else if (what === 3 && live.length > 1) {
      const [a, b] = [this.#random.pick(live).process, this.#random.pick(live).process]
      this.#say(`${a.name} and ${b.name} are cut off from each other`)
      network.cut(a, b)
      time.after(this.#random.whole(100, 8_000), () => network.heal())
    } else if (what === 4 && live.length > 0) {
      const { process } = this.#random.pick(live)
      this.#say(`${process.name} is cut off from the servers`)
      servers.cut(process)
      time.after(this.#random.whole(100, 8_000), () => servers.heal())
    } else {
      this.#say('the servers are down')
      servers.isDown = true
      time.after(this.#random.whole(100, 4_000), () => servers.heal())
    }
  }

  #mend(): void {
    const { network, servers } = this.#surroundings
    this.#say('all is mended')
    network.faults = { ...network.faults, breaks: 0 }
    network.heal()
    servers.heal()
  }

  /** Objects whose puts were acknowledged and that no batch has contained. */
  #unfired(): number {
    const fired = new Set([...this.#seen.batches.values()].flatMap((runs) => runs[0]!))
    return this.#putsAdmitted - fired.size
  }

  #tellUnfinished(): void {
    for (const { session, isOver } of this.#requests)
      if (!isOver) this.#problems.push(`session ${session.id} has not ended`)
    const unfired = this.#unfired()
    if (unfired >= batchSize) this.#problems.push(`${unfired} admitted objects are in no batch`)
  }

  #checkBatches(): void {
    const firingOf = new Map<string, string>()
    for (const [id, runs] of this.#seen.batches) {
      const [first] = runs
      for (const run of runs)
        if (JSON.stringify(run) !== JSON.stringify(first))
          this.#problems.push(`firing ${id} ran with ${run.join()} and with ${first!.join()}`)
      if (first!.length !== batchSize) this.#problems.push(`firing ${id} has ${first!.length} objects`)
      for (const key of first!) {
        const other = firingOf.get(key)
        if (other !== undefined) this.#problems.push(`object ${key} is in firings ${other} and ${id}`)
        firingOf.set(key, id)
      }
    }
  }

  #say(what: string): void {
    this.#log.push(`${((this.#time.now() - 1_000_000) / 1_000).toFixed(3)} s: ${what}`)
  }
}
