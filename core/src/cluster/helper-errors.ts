import { StigmergyError } from '../errors.js'

/** The node that ran a function for another is gone, as its home sees it. */
export function lostHelper(address: string, cause?: Error): StigmergyError {
  return new StigmergyError('STG_WORKER_LOST', `The node at ${address}, which ran the function, is lost.`, {
    retryable: true,
    details: { address },
    ...(cause === undefined ? {} : { cause }),
  })
}
