import { StigmergyError, type ErrorCode } from '@stigmergy/core'
import { within } from './waiting.js'

/** Calls and expects an error of this code, thrown or as a rejection, within the deadline. */
export async function refuses(code: ErrorCode, deadlineMs: number, call: () => unknown): Promise<void> {
  const error = await within(errorOf(call), deadlineMs, `An error of code ${code}`)
  if (error === undefined) throw new Error(`${code} was expected, but the call succeeded`)
  if (!StigmergyError.is(error.thrown, code))
    throw new Error(`${code} was expected, but the error was ${String(error.thrown)}`, {
      cause: error.thrown,
    })
}

async function errorOf(call: () => unknown): Promise<{ readonly thrown: unknown } | undefined> {
  try {
    await call()
    return undefined
  } catch (thrown) {
    return { thrown }
  }
}
