import { NatsServer } from '@stigmergy-test/nats-server'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endProcess } from '../tier-2/peers/programs.js'

/** A server of NATS, and one program that works with it in a process of its own. */
export class Crowd implements AsyncDisposable {
  private constructor(
    readonly server: NatsServer,
    private readonly worker: ChildProcess,
  ) {}

  /** Starts both. The program is one of `peers`; it has said that it is ready. */
  static async start(program: 'node-worker' | 'relay-worker' | 'responder-worker'): Promise<Crowd> {
    const server = await NatsServer.start()
    const module = new URL(`./peers/${program}${extname(import.meta.url)}`, import.meta.url)
    const worker = fork(fileURLToPath(module), [server.url])
    await once(worker, 'message')
    return new Crowd(server, worker)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcess(this.worker)
    await this.server[Symbol.asyncDispose]()
  }
}
