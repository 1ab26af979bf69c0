import { StigmergyError } from '@stigmergy/core'

export function unavailable(message: string, cause?: unknown, retryable = true): StigmergyError {
  return new StigmergyError('STG_CLUSTER_UNAVAILABLE', message, { cause, retryable })
}

export function closed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'The member has left the cluster.')
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
