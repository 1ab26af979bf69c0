import type { ErrorInfo } from './contract/index.js'
import { StigmergyError } from './errors.js'

/** The error as plain data. Anything can be thrown, and is told. */
export function errorInfo(error: unknown): ErrorInfo {
  if (!(error instanceof Error)) return { name: 'Error', message: textOf(error) }
  const { name, message } = error
  return StigmergyError.is(error) ? { name, message, code: error.code } : { name, message }
}

/** What somebody threw, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(thrown), { cause: thrown })
}

/** Not everything that can be thrown can be made a string. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return Object.prototype.toString.call(thrown)
  }
}
