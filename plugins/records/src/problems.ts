import type { Position } from './records.js'

/** A file that cannot be read, and why. */
export class InputProblem extends Error {
  override readonly name = 'InputProblem'

  constructor(
    readonly file: string,
    readonly problem: string,
    cause?: unknown,
  ) {
    super(`${file}: ${problem}`, { cause })
  }

  /** The reason that the system gives; a problem as it is. */
  static of(file: string, error: unknown): InputProblem {
    return error instanceof InputProblem ? error : new InputProblem(file, textOf(error), error)
  }
}

/** What a function of a job threw, and for which record or key. */
export class FunctionProblem extends Error {
  override readonly name = 'FunctionProblem'

  constructor(
    readonly fn: string,
    readonly where: Position | { readonly key: string },
    cause: unknown,
  ) {
    const place =
      'file' in where ? `the record at byte ${where.offset} of ${where.file}` : `the key ${where.key}`
    super(`${fn} threw for ${place}: ${textOf(cause)}`, { cause })
  }

  /** A problem as it is: another function may have thrown while `fn` was called. */
  static of(fn: string, where: FunctionProblem['where'], error: unknown): FunctionProblem {
    return error instanceof FunctionProblem ? error : new FunctionProblem(fn, where, error)
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
