import { StigmergyError } from '@stigmergy/core'
import { InputProblem, type Position } from '@stigmergy/records'

/** What a function of the job threw, and for what. The error itself, if it is one of those already. */
export function userError(
  fn: string,
  cause: unknown,
  where: Position | { readonly key: string },
): StigmergyError {
  if (StigmergyError.is(cause, 'STG_MAPREDUCE_RECORD')) return cause
  const place =
    'file' in where ? `the record at byte ${where.offset} of ${where.file}` : `the key ${where.key}`
  const message = `${fn} threw for ${place}: ${cause instanceof Error ? cause.message : String(cause)}`
  return new StigmergyError('STG_MAPREDUCE_RECORD', message, { cause, details: { fn, ...where } })
}

/** A wrong field of a job or of its options; `rule` says what it must be. */
export function configError(field: string, rule: string): StigmergyError {
  const details = { what: 'mapReduce', field }
  return new StigmergyError('STG_CONFIG_INVALID', `mapReduce: ${field} ${rule}.`, { details })
}

/** What a run fails with: the error of this package among the causes of a failed session, else the failure itself. */
export function failureOf(failure: unknown): unknown {
  if (failure instanceof InputProblem) {
    const { file, problem, message } = failure
    return new StigmergyError('STG_MAPREDUCE_INPUT', message, { cause: failure, details: { file, problem } })
  }
  for (let error = failure; error instanceof Error; error = error.cause)
    if (StigmergyError.is(error, 'STG_MAPREDUCE_RECORD') || StigmergyError.is(error, 'STG_MAPREDUCE_INPUT'))
      return error
  return failure
}
