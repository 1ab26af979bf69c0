/** An error of the operating system, with the same `code` that errors of `node:fs` have, such as `ENOSPC`. */
export class SystemError extends Error {
  override readonly name = 'SystemError'

  constructor(
    readonly code: string,
    call: string,
    path: string,
  ) {
    super(`${code}: ${call} '${path}'`)
  }
}

/** Whether `error` is one of the operating system, of this package or of `node:fs`, with one of `codes`. */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
