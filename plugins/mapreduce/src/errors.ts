import { StigmergyError } from '@stigmergy/core'
import { FunctionProblem, InputProblem } from '@stigmergy/records'
import type { z } from 'zod'

/** A wrong field of a job or of its options; `rule` says what it must be. */
export function configError(field: string, rule: string): StigmergyError {
  const details = { what: 'mapReduce', field }
  return new StigmergyError('STG_CONFIG_INVALID', `mapReduce: ${field} ${rule}.`, { details })
}

/** What a schema, whose messages are rules, makes of the fields of `whole`. Throws `STG_CONFIG_INVALID` for the first wrong one. */
export function checked<T>(schema: z.ZodType<T>, given: unknown, whole?: string): T {
  const { success, data, error } = schema.safeParse(given)
  if (success) return data
  const issue = error.issues[0]!
  const [key, rule] =
    issue.code === 'unrecognized_keys'
      ? [issue.keys[0]!, 'is unknown']
      : [issue.path.join('.'), issue.message]
  throw configError([whole, key].filter(Boolean).join('.'), rule)
}

/** Fails with the error of this package for what `work` failed with, if there is one: only that is told as it is between workers. */
export async function coded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (failure) {
    throw codedError(failure)
  }
}

function codedError(failure: unknown): unknown {
  for (let error = failure; error instanceof Error; error = error.cause) {
    const { message, cause } = error
    if (error instanceof InputProblem) {
      const { file, problem } = error
      return new StigmergyError('STG_MAPREDUCE_INPUT', message, { cause, details: { file, problem } })
    }
    if (error instanceof FunctionProblem) {
      const { fn, where } = error
      return new StigmergyError('STG_MAPREDUCE_RECORD', message, { cause, details: { fn, ...where } })
    }
    // From a function of the app, as the cause of a session's end.
    if (StigmergyError.is(error, 'STG_MAPREDUCE_RECORD') || StigmergyError.is(error, 'STG_MAPREDUCE_INPUT'))
      return error
  }
  return failure
}
