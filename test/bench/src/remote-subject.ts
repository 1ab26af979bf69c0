import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Case, Row, Subject } from './case.js'
import type { Answer, Order } from './subject-process.js'
import type { TierName } from './tiers.js'

/** Which `Effort` a subject makes. */
type EffortName = 'full' | 'quick'

/** What the subjects of a run have in common. */
export interface Setting {
  readonly tier: TierName
  readonly effort: EffortName
  /** A folder for what has to be a file. */
  readonly scratch: string
}

const program = fileURLToPath(new URL(`./subject-process${extname(import.meta.url)}`, import.meta.url))

/**
 * A subject in a process of its own, so that nobody pays for another's garbage or is optimised for another's types. It does
 * nothing until it is asked.
 */
export class RemoteSubject {
  readonly #name: string
  readonly #process: ChildProcess

  constructor(measured: Case, subject: Subject, { tier, effort, scratch }: Setting) {
    this.#name = `${subject.name} in ${measured.name}`
    this.#process = fork(program, [tier, measured.name, subject.name, effort, scratch], {
      execArgv: [
        ...process.execArgv,
        ...(measured.memory === true ? ['--expose-gc'] : []),
        ...(measured.nodeOptions ?? []),
      ],
    })
  }

  /** Has the subject do one thing, and waits for it. */
  ask(order: Order): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error(`${this.#name}: the process has ended`))
      this.#process.once('exit', ended)
      this.#process.once('message', (answer: Answer) => {
        this.#process.off('exit', ended)
        if ('done' in answer) resolve(answer.done)
        else reject(new Error(`${this.#name}: ${answer.failed}`))
      })
      this.#process.send(order, (error) => error !== null && reject(error))
    })
  }

  end(): void {
    this.#process.kill()
  }
}
