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
  readonly concurrency: number
  readonly timeoutMs: number | undefined
  readonly retries: Retries
  /** The buckets that it says it puts into. */
  readonly puts: Bucket[] = []
  /** The triggers that supervise it. */
  watches: readonly Watch[] = []
  running = 0
  /** Invocations that wait for one of its own to end. */
  readonly waiting = new FifoQueue<Invocation>()

  constructor(
    readonly app: string,
    { name, handler, options }: FunctionDeclaration,
  ) {
    this.name = name
    this.handler = handler
    this.concurrency = options.concurrency ?? Infinity
    this.timeoutMs = options.timeoutMs
    this.retries = retriesOf(options)
  }
}
