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

/** Calls and expects a `TypeError`, thrown or as a rejection. */
export async function refusesType(call: () => unknown): Promise<void> {
  const error = await errorOf(call)
  if (!(error?.thrown instanceof TypeError))
    throw new Error(
      `A TypeError was expected, but ${error === undefined ? 'the call succeeded' : String(error.thrown)}`,
    )
}
