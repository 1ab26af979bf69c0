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
    if (error instanceof InputProblem) return error
    return new InputProblem(file, error instanceof Error ? error.message : String(error), error)
  }
}
