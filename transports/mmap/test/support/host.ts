import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startThread } from './thread.js'

/** What a host can be told. */
export type Order = { readonly number: number; readonly id: number } & (
  | { readonly name: 'reflect'; readonly data: unknown; readonly address: string }
  | { readonly name: 'relay'; readonly data: unknown; readonly address: string; readonly via: string }
  | { readonly name: 'leave' }
)

export interface Answer {
  readonly order: number
  readonly error?: string
}

export type HostKind = 'thread' | 'process'

const script = new URL('../fixtures/member-host.ts', import.meta.url)

interface Pipe {
  send(order: Order): void
  stop(): Promise<void>
}

/** Another thread or process, in which members of nodes live. */
export class Host {
  readonly #pipe: Pipe
  readonly #orders = new Map<number, (answer: Answer) => void>()
  #lastOrder = 0
  #lastMember = 0

  constructor(kind: HostKind) {
    const onAnswer = (answer: Answer): void => this.#orders.get(answer.order)?.(answer)
    this.#pipe = kind === 'thread' ? threadPipe(onAnswer) : processPipe(onAnswer)
  }

  /** Takes up a membership there, with an endpoint that sends back what it gets. Returns how to end it. */
  async reflect(data: unknown, address: string): Promise<() => Promise<void>> {
    this.#lastMember += 1
    const id = this.#lastMember
    await this.#order({ name: 'reflect', id, data, address, number: 0 })
    return () => this.#order({ name: 'leave', id, number: 0 })
  }

  /** Takes up a membership there, with an endpoint that has what it gets sent back by another one. Returns how to end it. */
  async relay(data: unknown, address: string, via: string): Promise<() => Promise<void>> {
    this.#lastMember += 1
    const id = this.#lastMember
    await this.#order({ name: 'relay', id, data, address, via, number: 0 })
    return () => this.#order({ name: 'leave', id, number: 0 })
  }

  async stop(): Promise<void> {
    await this.#pipe.stop()
  }

  async #order(order: Order): Promise<void> {
    this.#lastOrder += 1
    const number = this.#lastOrder
    const answered = new Promise<Answer>((resolve) => this.#orders.set(number, resolve))
    this.#pipe.send({ ...order, number })
    const { error } = await answered
    this.#orders.delete(number)
    if (error !== undefined) throw new Error(error)
  }
}

function threadPipe(onAnswer: (answer: Answer) => void): Pipe {
  const worker = startThread(script)
  worker.on('message', onAnswer)
  return {
    send: (order) => worker.postMessage(order),
    stop: async () => void (await worker.terminate()),
  }
}

function processPipe(onAnswer: (answer: Answer) => void): Pipe {
  const child = fork(fileURLToPath(script), { execArgv: ['--import=tsx'] })
  child.on('message', (message) => onAnswer(message as Answer))
  return {
    send: (order) => void child.send(order),
    stop: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
