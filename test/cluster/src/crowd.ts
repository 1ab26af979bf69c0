import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

type Role = 'node' | 'coordinator'

/** What members run: an app of the tests, or those of the examples. */
type Program = 'member.ts' | 'tour-member.ts' | 'blob-member.ts'

/** Members of a cluster, each a process of its own. Whoever was killed can be replaced. */
export class Crowd implements AsyncDisposable {
  readonly #members = new Map<ChildProcess, Role>()
  readonly #url: string
  readonly #notes: string
  readonly #program: string

  constructor(url: string, notes: string, program: Program = 'member.ts') {
    this.#url = url
    this.#notes = notes
    this.#program = fileURLToPath(new URL(program, import.meta.url))
  }

  async start(role: Role): Promise<void> {
    const member = fork(this.#program, [this.#url, role], {
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
