import { defineRuntime, type RuntimeDefinition } from 'stigmergy'

/** What runs the functions. */
export interface Workers {
  readonly kind: 'thread' | 'process'
  readonly count: number
}

/** A runtime with so many workers; a single one is the thread that starts it. */
export function runtimeWith({ count }: Workers): RuntimeDefinition {
  if (count > 1) throw new Error('A runtime has one worker so far: --workers 1')
  return defineRuntime()
}
