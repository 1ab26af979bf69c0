import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface NatsServerOptions {
  /** What stands in the server's configuration besides the port and the store. */
  readonly config?: string
  /** What all streams together may take on disk, in bytes; 0 for a server without JetStream. Default 1 GiB. */
  readonly maxFileStore?: number
}

/** Runs a command until the input ends, as it does when the process that has started it ends, however that comes. */
const untilEndOfInput = '"$@" & server=$!; cat > /dev/null; kill "$server" 2> /dev/null; wait "$server"'

/** What a server says when it takes connections. */
const ready = 'Server is ready'
/** And when it will not. */
const failed = /\[FTL\]|^nats-server: /m

/** A server of NATS with JetStream on a free port of this machine, with a store of its own. It does not outlive this process. */
export class NatsServer implements AsyncDisposable {
  readonly port: number
  readonly directory: string
  #process: ChildProcessByStdio<Writable, null, Readable> | undefined

  private constructor(port: number, directory: string) {
    this.port = port
    this.directory = directory
  }

  static async start({ config = '', maxFileStore = 2 ** 30 }: NatsServerOptions = {}): Promise<NatsServer> {
    const directory = await mkdtemp(join(tmpdir(), 'stigmergy-nats-'))
    const server = new NatsServer(await freePort(), directory)
    const store = join(directory, 'store')
    const lines = [
      `listen: "127.0.0.1:${server.port}"`,
      maxFileStore === 0
        ? ''
        : `jetstream { store_dir: "${store}", max_file_store: ${maxFileStore}, max_memory_store: ${2 ** 28} }`,
      config,
    ]
    await writeFile(server.#configFile, lines.join('\n'))
    await server.resume()
    return server
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** Starts it again after `stop`, on the same port and with what it has stored. */
  async resume(): Promise<void> {
    const started = spawn('sh', ['-c', untilEndOfInput, 'sh', natsServerPath(), '-c', this.#configFile], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#process = started
    await saysReady(started)
  }

  /** Stops it, and keeps what it has stored. */
  async stop(): Promise<void> {
    const running = this.#process
    this.#process = undefined
    if (running === undefined) return
    const exited = once(running, 'exit')
    running.stdin.end()
    await exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.directory, { recursive: true, force: true })
  }

  get #configFile(): string {
    return join(this.directory, 'server.conf')
  }
}

/** The program that tests start: what the environment variable STIGMERGY_NATS_SERVER says, else what is on the path. */
export function natsServerPath(): string {
  const given = process.env['STIGMERGY_NATS_SERVER']
  if (given !== undefined && given !== '') return given
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const found = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    'There is no nats-server. Install 2.9.10 or later (Debian: apt-get install nats-server), or set STIGMERGY_NATS_SERVER to its path.',
  )
}

async function saysReady(server: ChildProcessByStdio<Writable, null, Readable>): Promise<void> {
  const said: string[] = []
  server.stderr.setEncoding('utf8')
  for await (const text of server.stderr.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    said.push(text)
    if (said.join('').includes(ready)) return void server.stderr.resume()
    if (failed.test(said.join(''))) break
  }
  server.stdin.end()
  throw new Error(`nats-server did not start:\n${said.join('')}`)
}

/** A port of this machine that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
