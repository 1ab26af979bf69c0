import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { endProcess } from './programs.js'
import { redisServer } from './redis-server.js'

/** A Redis that keeps nothing, on a loopback port of its own. */
export class RedisProcess {
  private constructor(
    readonly port: number,
    readonly child: ChildProcess,
  ) {}

  static async start(scratch: string): Promise<RedisProcess> {
    const program = redisServer()
    if (program === undefined) throw new Error('There is no redis-server')
    const port = await freePort()
    const settings = { port, bind: '127.0.0.1', dir: scratch, save: '', appendonly: 'no', daemonize: 'no' }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    const child = spawn(program, args, { stdio: 'ignore' })
    process.once('exit', () => child.kill())
    await once(child, 'spawn')
    const redis = new RedisProcess(port, child)
    await redis.#answers()
    return redis
  }

  /** What a client needs to connect. BullMQ asks for requests that wait for as long as it takes. */
  get connection() {
    return { host: '127.0.0.1', port: this.port, maxRetriesPerRequest: null }
  }

  async end(): Promise<void> {
    await endProcess(this.child)
  }

  async #answers(): Promise<void> {
    const client = new Redis({ ...this.connection, retryStrategy: () => 50 })
    client.on('error', () => undefined) // it is not there yet; the next attempt follows
    await client.ping()
    client.disconnect()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('The system gave no port')
}
