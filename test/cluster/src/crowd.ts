import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

type Role = 'node' | 'coordinator'

const modules = {
  orders: new URL('member.ts', import.meta.url),
  blobs: new URL('blob-member.ts', import.meta.url),
}

/** Members of a cluster, each a process of its own. Whoever was killed can be replaced. */
export class Crowd implements AsyncDisposable {
  readonly #members = new Map<ChildProcess, Role>()
  readonly #url: string
  readonly #notes: string
  readonly #module: string

  constructor(url: string, notes: string, app: keyof typeof modules = 'orders') {
    this.#url = url
    this.#notes = notes
    this.#module = fileURLToPath(modules[app])
  }

  async start(role: Role): Promise<void> {
    const member = fork(this.#module, [this.#url, role], {
      execArgv: ['--import=tsx'],
      env: { ...process.env, STIGMERGY_NOTES: this.#notes },
    })
    this.#members.set(member, role)
    await once(member, 'message')
  }

  /** Kills one of a role, as `kill -9` does, and starts another. */
  async replace(role: Role): Promise<void> {
    const [member] = [...this.#members].find(([, each]) => each === role)!
    await this.#end(member, 'SIGKILL')
    await this.start(role)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#members.keys()].map((member) => this.#end(member, 'SIGTERM')))
  }

  async #end(member: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#members.delete(member)
    const exited = once(member, 'exit')
    member.kill(signal)
    await exited
  }
}
