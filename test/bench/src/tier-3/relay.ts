import { setImmediate as nextTurn } from 'node:timers/promises'
import { defineRuntime, type Runtime, start } from 'stigmergy'
import { relayApp, relayClusterAt } from './apps/relay.js'
import { Crowd } from './crowd.js'

/** A node with a single slot, which coordinates the cluster as well, and another node in a process of its own that takes what it has no room for. */
export class Relay implements AsyncDisposable {
  readonly #crowd: Crowd
  readonly #app = relayApp(() => new Promise((resolve) => (this.#arrived = resolve)))
  #runtime: Runtime | undefined
  #arrived: () => void = () => undefined

  private constructor(crowd: Crowd) {
    this.#crowd = crowd
  }

  static async start(): Promise<Relay> {
    const relay = new Relay(await Crowd.start('relay-worker'))
    const cluster = relayClusterAt(relay.#crowd.server.url)
    relay.#runtime = await start(defineRuntime({ cluster, limits: { slots: 1 } }), relay.#app)
    return relay
  }

  /** µs from a put on this node to the first line of the function on the other. Resolves when the session of both has ended. */
  async hop(): Promise<number> {
    const session = this.#runtime!.invoke(this.#app.handles.send, undefined)
    const { by, us } = await session.result
    this.#arrived()
    await session.ended
    await nextTurn() // the last answers of this hop do not leave with the next
    if (by === process.pid) throw new Error('The function has run on the node that has put the object.')
    return us
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runtime?.close({ now: true })
    await this.#crowd[Symbol.asyncDispose]()
  }
}
