import type { DefinitionSite } from '../app/definition-site.js'
import type { NodeTicket } from '../contract/index.js'
import type { SentError } from './sent-error.js'

/** What a worker is started with. Plain data: it crosses to a thread or a process. */
export interface WorkerOrders {
  readonly ticket: NodeTicket
  readonly apps: readonly AppAddress[]
  /** The config that the worker takes its codec from; undefined for the default one. */
  readonly config: DefinitionSite | undefined
  /** Addresses of the home and of the worker on the node's transport. */
  readonly home: string
  readonly address: string
}

/** An app, and the module whose import defines it. */
export interface AppAddress {
  readonly name: string
  readonly module: string
}

/** To a worker, beside the node's transport: what must arrive also while that does not work yet, or not any more. */
export type ToWorker = { readonly type: 'start'; readonly orders: WorkerOrders } | { readonly type: 'stop' }

export type FromWorker = { readonly type: 'ready' } | { readonly type: 'failed'; readonly error: SentError }

/** A thread or a process that was started. */
export interface StartedWorker {
  /** Such as `process 4711`, for people. */
  readonly name: string
  readonly pid: number
  readonly threadId: number | undefined
  send(message: ToWorker): void
  /** Ends it at once, whatever it does. */
  kill(): void
  /** How it ended, in words, and what it printed last to standard error. Never rejects. */
  readonly exited: Promise<WorkerExit>
}

export interface WorkerExit {
  readonly how: string
  readonly stderr: string
}

/** Starts a thread or a process; `onMessage` is called for what it says. */
export type StartWorker = (onMessage: (message: FromWorker) => void) => StartedWorker
