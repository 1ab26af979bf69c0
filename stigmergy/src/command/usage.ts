/** The call was wrong: the arguments, not what they stand for. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
