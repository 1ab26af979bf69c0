import type { NodeTicket } from '@stigmergy/core'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startThread } from './thread.js'

/** What a host is told, and answers with the number of the order. */
export type Order = { readonly number: number } & (
  | {
      readonly name: 'reflect'
      readonly ticket: NodeTicket
      readonly address: string
      readonly member: number
    }
  | { readonly name: 'flood'; readonly ticket: NodeTicket; readonly address: string; readonly to: string }
  | { readonly name: 'leave'; readonly member: number }
)

export interface Answer {
  readonly order: number
  readonly error?: string
}

type Unnumbered<Each> = Each extends Order ? Omit<Each, 'number'> : never

interface Pipe {
  send(order: Order): void
  stop(): Promise<void>
}

/** Another thread or process, in which members of nodes live. */
export class Host {
  readonly #pipe: Pipe
  readonly #orders = new Map<number, (answer: Answer) => void>()
  #lastOrder = 0

  constructor(kind: 'thread' | 'process') {
    const onAnswer = (answer: Answer): void => this.#orders.get(answer.order)?.(answer)
    this.#pipe = kind === 'thread' ? threadPipe(onAnswer) : processPipe(onAnswer)
  }

  /** Takes up a membership there, with an endpoint that sends back what it gets. Returns how to end it. */
  async reflect(ticket: NodeTicket, address: string): Promise<() => Promise<void>> {
    const member = this.#lastOrder
    await this.#order({ name: 'reflect', ticket, address, member })
    return () => this.#order({ name: 'leave', member })
  }

  /** Takes up a membership there, with an endpoint that sends numbered frames as fast as it can. */
  async flood(ticket: NodeTicket, address: string, to: string): Promise<void> {
    await this.#order({ name: 'flood', ticket, address, to })
  }

  /** Ends it with no time for a good-bye. */
  async stop(): Promise<void> {
    await this.#pipe.stop()
  }

  async #order(order: Unnumbered<Order>): Promise<void> {
    this.#lastOrder += 1
    const number = this.#lastOrder
    const answered = new Promise<Answer>((resolve) => this.#orders.set(number, resolve))
    this.#pipe.send({ ...order, number })
    const { error } = await answered
    this.#orders.delete(number)
    if (error !== undefined) throw new Error(error)
  }
}

const script = new URL('../fixtures/member-host.ts', import.meta.url)

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
