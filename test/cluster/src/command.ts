import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const main = fileURLToPath(new URL('../../../stigmergy/src/command/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command `stigmergy`, running beside the config of these tests. */
export class RunningCommand implements AsyncDisposable {
  readonly ended: Promise<Ended>
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  readonly #listeners = new Set<() => void>()

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const own = { NODE_OPTIONS: '', ...env }
    this.#process = spawn(process.execPath, ['--import=tsx', main, ...args], {
      cwd: folder,
      env: { ...process.env, ...own },
    })
    createInterface(this.#process.stdout!).on('line', (line) => {
      this.#lines.push(line)
      for (const listener of this.#listeners) listener()
    })
    this.ended = this.#follow()
  }

  /** Resolves with the first line that matches, once it has been said. Rejects when the command ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.#lines.map((line) => pattern.exec(line)).find((match) => match !== null)
        if (found === undefined) return
        this.#listeners.delete(look)
        resolve(found)
      }
      this.#listeners.add(look)
      look()
      void this.ended.then(({ stdout, stderr }) =>
        reject(new Error(`It ended and did not say ${String(pattern)}:\n${stdout}${stderr}`)),
      )
    })
  }

  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    this.#process.kill(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  async #follow(): Promise<Ended> {
    const errors = text(this.#process.stderr!)
    const [code] = (await once(this.#process, 'close')) as [number | null]
    return { code, stdout: this.#lines.map((line) => `${line}\n`).join(''), stderr: await errors }
  }
}
