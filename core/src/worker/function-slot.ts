import type { FunctionDeclaration } from '../app/define-app.js'
import { type Retries, retriesOf } from '../app/function-options.js'
import type { Handler } from '../app/handles.js'
import type { Bucket } from '../bucket/bucket.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { Expectation } from '../bucket/trigger-definition.js'
import type { Invocation } from './invocation.js'
import { FifoQueue } from './run-queue.js'

/** A trigger that wants a function's output supervised. */
export interface Watch {
  readonly cell: TriggerCell
  readonly expectation: Expectation
}

/** One function on one worker: its declaration, and what of it runs and waits. */
export class FunctionSlot {
  readonly name: string
  readonly handler: Handler<never, unknown>
  /** How many runs may overlap, on all workers together. */
  readonly concurrency: number
  /** How many of them on one worker. */
  readonly concurrencyOfOne: number
  /** Whether it runs on the event loop of its session's home, and nowhere else. */
  readonly isHomebound: boolean
  /** Whether it runs on other workers than the home of its sessions. */
  readonly elsewhere: boolean
  readonly timeoutMs: number | undefined
  readonly retries: Retries
  /** The buckets that it says it puts into. */
  readonly puts: Bucket[] = []
  /** The triggers that supervise it. */
  watches: readonly Watch[] = []
  running = 0
  /** What a run elsewhere usually takes, in µs; long, until it is known. */
  typicalUs = 1_000
  /** Invocations that wait for one of its own to end. */
  readonly waiting = new FifoQueue<Invocation>()

  constructor(
    readonly app: string,
    { name, handler, options }: FunctionDeclaration,
    /** Workers besides this one; 0 when all runs here. */
    workers: number,
  ) {
    this.name = name
    this.handler = handler
    this.isHomebound = options.runOn === 'home'
    this.elsewhere = workers > 0 && !this.isHomebound
    this.concurrencyOfOne = options.concurrency ?? Infinity
    this.concurrency = this.concurrencyOfOne * (this.elsewhere ? workers : 1)
    this.timeoutMs = options.timeoutMs
    this.retries = retriesOf(options)
  }
  /** A run elsewhere has taken so long. Recent runs count more. */
  took(us: number): void {
    this.typicalUs += (us - this.typicalUs) / 8
  }
}
