import { InvalidArgumentError } from 'commander'

/** Reads the argument of an option that counts something. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

/** Reads the argument of an option that counts something of which there may be none. */
export function wholeNumberOrNone(text: string): number {
  return text === '0' ? 0 : wholeNumber(text)
}

/** Reads the argument of an option that is any whole number, such as a seed. */
export function integer(text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
