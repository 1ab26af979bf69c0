import { StigmergyError } from '@stigmergy/core'

/** The error for a node, or a place in it, that cannot be had. */
export function unavailable(message: string, cause?: unknown): StigmergyError {
  return new StigmergyError('STG_NODE_UNAVAILABLE', message, cause === undefined ? {} : { cause })
}
