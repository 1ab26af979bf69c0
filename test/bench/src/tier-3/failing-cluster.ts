import { NatsServer } from '@stigmergy-test/nats-server'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ClusterClient, connect } from 'stigmergy'
import { sharedNow } from '../shared-clock.js'
import { endProcess } from '../tier-2/peers/programs.js'
import { batchSize, failoverApp, failoverClusterAt, type Ran } from './apps/failover.js'
import type { Fired } from './peers/failover-worker.js'
import { PutRecord } from './put-record.js'

type Role = 'node' | 'coordinator'

/** A firing, by the coordinator that has recorded it. */
interface Firing extends Fired {
  readonly by: ChildProcess
}

/** How many there are, one of whom holds the shard of the puts. */
const coordinators = 2
/** Puts under way at a time, and ms from the end of one to the next. */
const putters = 4
const pauseMs = 5
/** ms after which something that has not happened will not. */
const patienceMs = 30_000

/** A server of NATS, a node and coordinators, each a process of its own, and a client that puts. */
export class FailingCluster implements AsyncDisposable {
  readonly #server: NatsServer
  readonly #client: ClusterClient
  readonly #members = new Set<ChildProcess>()
  readonly #record = new PutRecord()
  #puts = 0
  #onFiring: (firing: Firing) => void = () => undefined

  private constructor(server: NatsServer, client: ClusterClient) {
    this.#server = server
    this.#client = client
  }

  static async start(): Promise<FailingCluster> {
    const server = await NatsServer.start()
    const cluster = new FailingCluster(server, await connect(failoverClusterAt(server.url)))
    await cluster.#join('node')
    for (let count = 0; count < coordinators; count += 1) await cluster.#join('coordinator')
    return cluster
  }

  /**
   * Kills the coordinator that holds the shard while puts flow, and has another one join afterwards. µs from the kill until a firing is recorded
   * again. Rejects when an object was lost, or is in two firings.
   */
  async failOver(): Promise<number> {
    await until('every shard is held', () => this.#isShared())
    const end = new AbortController()
    const flow = Promise.all(Array.from({ length: putters }, () => this.#putUntil(end.signal)))
    try {
      return await this.#killHolder()
    } finally {
      end.abort()
      await flow
      await until('every object was in a firing', () => this.#record.waiting < batchSize)
      this.#record.check()
      await this.#join('coordinator')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close()
    await Promise.all([...this.#members].map(endProcess))
    await this.#server[Symbol.asyncDispose]()
  }

  async #killHolder(): Promise<number> {
    const { by: holder } = await this.#nextFiring()
    this.#members.delete(holder)
    const next = this.#nextFiring(holder)
    const killedAt = sharedNow()
    holder.kill('SIGKILL')
    const { firedAt } = await next
    return firedAt - killedAt
  }

  /** The next firing that is recorded, by another than `but`. */
  #nextFiring(but?: ChildProcess): Promise<Firing> {
    const firing = new Promise<Firing>((resolve) => {
      this.#onFiring = (each) => each.by !== but && resolve(each)
    })
    const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
      throw new Error(`No coordinator has fired for ${patienceMs} ms.`)
    })
    return Promise.race([firing, late])
  }

  async #putUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = `${(this.#puts += 1)}`
      await this.#client.put(failoverApp.handles.events, key, 1)
      this.#record.admitted(key)
      await sleep(pauseMs)
    }
  }

  /** Whether the coordinators hold all shards, each of them some. */
  async #isShared(): Promise<boolean> {
    const { shards } = await this.#client.status()
    const owners = new Set(shards.map(({ owner, status }) => (status === undefined ? '' : owner)))
    return owners.size === coordinators && !owners.has('')
  }

  async #join(role: Role): Promise<void> {
    const module = new URL(`./peers/failover-worker${extname(import.meta.url)}`, import.meta.url)
    const member = fork(fileURLToPath(module), [this.#server.url, role])
    this.#members.add(member)
    member.on('message', (told: Ran | Fired | 'ready') => {
      if (told === 'ready') return
      if ('ran' in told) this.#record.ran(told)
      else this.#onFiring({ ...told, by: member })
    })
    await once(member, 'message')
  }
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`It did not come true in ${patienceMs} ms that ${what}.`)
    await sleep(10)
  }
}
