import { defineRuntime, type RuntimeDefinition } from 'stigmergy'

/** What runs the functions. */
export interface Workers {
  readonly kind: 'thread' | 'process'
  readonly count: number
}

/** A runtime with so many workers; a single one is the thread that starts it. */
export function runtimeWith(workers: Workers): RuntimeDefinition {
  return defineRuntime(workers.count > 1 ? { workers } : {})
}
