import type { NetworkFaults } from './network.js'
import type { Nodes } from './nodes.js'
import type { Surroundings } from './process.js'
import type { Random } from './random.js'

/** What goes wrong in a run. */
export interface FaultPlan {
  /** Kills, cuts and pauses, at moments that the seed decides. */
  readonly count: number
  readonly network: NetworkFaults
  /** How often a call to the servers, or its answer, is lost. */
  readonly losses: number
}

/** The seed decides which fault happens when, and to whom. */
export class FaultInjector {
  readonly #plan: FaultPlan
  readonly #random: Random
  readonly #surroundings: Surroundings
  readonly #nodes: Nodes
  readonly #say: (what: string) => void

  constructor(
    plan: FaultPlan,
    random: Random,
    surroundings: Surroundings,
    nodes: Nodes,
    say: (what: string) => void,
  ) {
    this.#plan = plan
    this.#random = random
    this.#surroundings = surroundings
    this.#nodes = nodes
    this.#say = say
  }

  /** Within so many ms; then everything is mended. */
  schedule(withinMs: number): void {
    const { time, servers } = this.#surroundings
    servers.losses = this.#plan.losses
    const faults = [this.#kill, this.#kill, this.#cutPair, this.#cutFromServers, this.#stopServers]
    for (let count = 0; count < this.#plan.count; count += 1)
      time.after(this.#random.whole(500, withinMs), () => this.#random.pick(faults)())
    time.after(withinMs, () => this.#mend())
  }

  /** One is killed, and another started some time later. */
  readonly #kill = (): void => {
    const { live } = this.#nodes
    if (live.length < 2) return
    const { process, role } = this.#random.pick(live)
    this.#say(`${process.name} is killed`)
    process.kill()
    this.#surroundings.time.after(this.#random.whole(0, 5_000), () => void this.#nodes.start(role))
  }

  readonly #cutPair = (): void => {
    const { live } = this.#nodes
    if (live.length < 2) return
    const [{ process: a }, { process: b }] = [this.#random.pick(live), this.#random.pick(live)]
    this.#say(`${a.name} and ${b.name} are cut off from each other`)
    this.#surroundings.network.cut(a, b)
    this.#mendLater()
  }

  readonly #cutFromServers = (): void => {
    const { live } = this.#nodes
    if (live.length === 0) return
    const { process } = this.#random.pick(live)
    this.#say(`${process.name} is cut off from the servers`)
    this.#surroundings.servers.cut(process)
    this.#mendLater()
  }

  readonly #stopServers = (): void => {
    this.#say('the servers are down')
    this.#surroundings.servers.isDown = true
    this.#mendLater()
  }

  #mendLater(): void {
    const { time, network, servers } = this.#surroundings
    time.after(this.#random.whole(100, 8_000), () => {
      network.heal()
      servers.heal()
    })
  }

  #mend(): void {
    const { network, servers } = this.#surroundings
    this.#say('all is mended')
    network.faults = { ...network.faults, breaks: 0, duplicates: 0, overtakes: 0 }
    servers.losses = 0
    network.heal()
    servers.heal()
  }
}
