import type { Clock, ClusterExchange, ClusterMember } from '@stigmergy/core'
import type { Network } from './network.js'
import type { Servers } from './servers.js'
import { DriftingClock, type VirtualTime } from './virtual-time.js'

export interface Surroundings {
  readonly time: VirtualTime
  readonly network: Network
  readonly servers: Servers
  /** Processes in which something has happened since somebody looked. */
  readonly stepped: Set<SimulatedProcess>
}

/** A process of the simulation: it can be killed at any step, and nothing that it does afterwards is seen by anybody. */
export class SimulatedProcess {
  isAlive = true
  /** Frames that have come, and records that it has had written. */
  received = 0
  written = 0
  readonly clock: Clock
  readonly steadyClock: Clock
  readonly #surroundings: Surroundings

  constructor(
    readonly name: string,
    surroundings: Surroundings,
    clock: { readonly offset: number; readonly rate: number },
  ) {
    this.#surroundings = surroundings
    const { time } = surroundings
    const run = (step: () => void): void => this.run(step)
    this.clock = new DriftingClock(time, clock.offset, clock.rate, run)
    this.steadyClock = new DriftingClock(time, 0, clock.rate, run)
  }

  /** What the process joins its cluster by. */
  get exchange(): ClusterExchange {
    const { network, servers } = this.#surroundings
    const transport = network.transportOf(this)
    const close = (): Promise<void> => transport.close()
    const member: ClusterMember = {
      transport,
      register: servers.registerOf(this),
      journal: servers.journalOf(this),
      close,
      [Symbol.asyncDispose]: close,
    }
    return { name: 'simulated', join: async () => member }
  }

  /** Has something happen in it, unless it is dead. */
  run(step: () => void): void {
    if (!this.isAlive) return
    this.#surroundings.stepped.add(this)
    step()
  }

  kill(): void {
    this.isAlive = false
    this.#surroundings.network.crashed(this)
  }
}
