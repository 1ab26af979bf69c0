import {
  type App,
  type ClusterClient,
  type ClusterSettings,
  connect,
  type ConnectOptions,
  CountingIds,
  defineRuntime,
  type AnyPrimitive,
  provide,
  type Runtime,
  start,
  Tokens,
} from 'stigmergy'
import { Network } from './network.js'
import { SimulatedProcess, type Surroundings } from './process.js'
import { Random } from './random.js'
import { Servers } from './servers.js'
import { VirtualTime } from './virtual-time.js'

interface NodeOptions {
  readonly slots?: number
  /** Whether it is a coordinator, too, or that alone. Default: both. */
  readonly role?: 'node' | 'coordinator'
}

interface StageOptions extends Partial<ClusterSettings> {
  /** Besides those that every runtime has. */
  readonly primitives?: readonly AnyPrimitive[]
}

/** A node of a staged cluster. */
export interface StagedNode {
  readonly process: SimulatedProcess
  readonly runtime: Runtime
}

/** A cluster on virtual time in which nothing happens but what a test does. */
export class Stage {
  readonly time = new VirtualTime()
  readonly network: Network
  readonly #surroundings: Surroundings
  readonly #settings: Partial<ClusterSettings>
  readonly #primitives: readonly AnyPrimitive[]
  #clients = 0

  constructor({ primitives = [], ...settings }: StageOptions = {}) {
    this.#primitives = primitives
    this.#settings = { shards: 8, ...settings }
    this.network = new Network(this.time, new Random(1), {
      ...{ delay: [1, 1], breaks: 0, duplicates: 0, overtakes: 0 },
    })
    const servers = new Servers(this.time, new Random(2))
    this.#surroundings = { time: this.time, network: this.network, servers, stepped: new Set() }
  }

  async node(name: string, app: App, { slots, role }: NodeOptions = {}): Promise<StagedNode> {
    const process = this.#process(name)
    const { exchange, clock, steadyClock } = process
    const definition = defineRuntime({
      primitives: this.#primitives,
      cluster: {
        ...{ exchange, name, values: undefined, ...this.#settings },
        ...{ node: role !== 'coordinator', coordinator: role !== 'node' },
      },
      ...(slots === undefined ? {} : { limits: { slots } }),
      provide: [
        provide(Tokens.Clock, clock),
        provide(Tokens.SteadyClock, steadyClock),
        provide(Tokens.Ids, new CountingIds(`${name}.`)),
      ],
    })
    return { process, runtime: await this.until(start(definition, app)) }
  }

  async client(options: Pick<ConnectOptions, 'onLost'> = {}): Promise<ClusterClient> {
    this.#clients += 1
    const name = `client${this.#clients}`
    const { exchange, clock, steadyClock } = this.#process(name)
    const ids = new CountingIds(`${name}.`)
    const config = { exchange, values: undefined, ...this.#settings }
    return this.until(connect(config, { clock, steadyClock, ids, ...options }))
  }

  /** Lets time pass until the promise settles. Rejects when two virtual minutes were not enough. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = (): void => void (isSettled = true)
    promise.then(settle, settle)
    if (await this.time.until(() => isSettled, this.time.now() + 120_000)) return promise
    throw new Error('It has not happened in two minutes')
  }

  /** Lets time pass until it is so. */
  async when(condition: () => boolean): Promise<void> {
    if (!(await this.time.until(condition, this.time.now() + 120_000)))
      throw new Error('It was not so within two minutes')
  }

  #process(name: string): SimulatedProcess {
    return new SimulatedProcess(name, this.#surroundings, { offset: 0, rate: 1 })
  }
}
