import { StigmergyError } from '@stigmergy/core'
import type { Ticket } from './ticket.js'

/** The error for a value that does not come. */
export function lost(
  { ticket: { address, bytes }, offset }: { readonly ticket: Ticket; readonly offset: number },
  reason: string,
  because: string,
  cause?: Error,
): StigmergyError {
  const message = `A value of ${bytes} bytes at ${address} is lost: ${because}.`
  const details = { reason, address, bytes, arrivedBytes: offset }
  return new StigmergyError('STG_OBJECT_LOST', message, { retryable: true, details, ...(cause && { cause }) })
}
