import { asError } from '../error-info.js'
import { type ErrorCode, errorCodes, StigmergyError } from '../errors.js'

/** An error on its way to another worker. What cannot travel is left out. */
export interface SentError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string
  readonly retryable?: boolean
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: SentError
}

/** Causes of causes beyond this are left out. */
const deepestCause = 8

export function sentError(thrown: unknown, depth = 0): SentError {
  const { stack } = asError(thrown)
  return { ...sentRefusal(thrown, depth), ...(stack === undefined ? {} : { stack }) }
}

/** An error of a home for a function, without its stack: where it was made tells the function nothing, and to write that down takes long. */
export function sentRefusal(thrown: unknown, depth = 0): SentError {
  const error = asError(thrown)
  const { name, message, cause } = error
  const { code } = error as { code?: unknown }
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(StigmergyError.is(error) ? { retryable: error.retryable, details: plain(error.details) } : {}),
    ...(cause === undefined || depth >= deepestCause ? {} : { cause: sentError(cause, depth + 1) }),
  }
}

/** The same error on this side: of the same class if it is one of ours, else an `Error` of the same name. */
export function receivedError({ name, message, stack, code, retryable, details, cause }: SentError): Error {
  const options = cause === undefined ? {} : { cause: receivedError(cause) }
  const error =
    code !== undefined && Object.hasOwn(errorCodes, code)
      ? new StigmergyError(code as ErrorCode, message, {
          ...options,
          retryable: retryable ?? false,
          details: details ?? {},
        })
      : Object.assign(new Error(message, options), { name }, code === undefined ? {} : { code })
  if (stack !== undefined)
    Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true })
  return error
}

/** Details are meant to be plain; what is not is told as text. */
function plain(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return structuredClone(details)
  } catch {
    return Object.fromEntries(Object.entries(details).map(([field, value]) => [field, String(value)]))
  }
}
