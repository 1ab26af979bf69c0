import type { TaskName } from './tasks.js'

/** Some workers, as a peer has them, that do tasks. */
export interface Pool {
  /** Has a worker do a task; resolves to its result. */
  run(task: TaskName, value: number): Promise<number>
  /** The same for many values at once, in the way that the peer does it best; there is a promise for each. */
  runAll(task: TaskName, values: readonly number[]): readonly Promise<number>[]
  close(): Promise<void>
}

/** A way to have workers. */
export interface Peer {
  readonly name: string
  /** Why it cannot be measured here; undefined if it can. */
  missing?(): string | undefined
  open(workers: number, scratch: string): Promise<Pool>
}

/** A pool of a peer that has no better way to do many tasks than one by one. */
export function pool(run: Pool['run'], close: Pool['close']): Pool {
  return { run, close, runAll: (task, values) => values.map((value) => run(task, value)) }
}
