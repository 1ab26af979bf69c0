import { StigmergyError } from '../errors.js'

/** A reader of one field: gives the value back, or says in words what it should have been. */
export type FieldCheck = (value: unknown) => string | undefined

/** A whole number within bounds, such as a count or a duration in ms. */
export function whole(min: number, max: number): FieldCheck {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `a whole number from ${min} to ${max}`
}

/** One of some words. */
export function oneOf(...words: readonly string[]): FieldCheck {
  return (value) =>
    words.includes(value as string) ? undefined : words.map((word) => `'${word}'`).join(' or ')
}

export const text: FieldCheck = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'a text that is not empty'
export const flag: FieldCheck = (value) => (typeof value === 'boolean' ? undefined : 'true or false')
export const callable: FieldCheck = (value) => (typeof value === 'function' ? undefined : 'a function')
export const signal: FieldCheck = (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal')
/** ms, up to a year. */
export const duration: FieldCheck = whole(1, 31_536_000_000)

/** Passes when one of the checks does. */
export function either(...checks: readonly FieldCheck[]): FieldCheck {
  return (value) => {
    const wanted = checks.map((check) => check(value))
    return wanted.includes(undefined) ? undefined : wanted.join(', or ')
  }
}

/** An object with these fields and no others. */
export function record(
  fields: Readonly<Record<string, FieldCheck>>,
  required: readonly string[] = [],
): FieldCheck {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `an object of ${Object.keys(fields).join(', ')}`
    for (const name of required) if (!(name in value)) return `an object with ${name}`
    for (const [name, field] of Object.entries(value)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (check === undefined) return `an object of ${Object.keys(fields).join(', ')} and not ${name}`
      const wanted = field === undefined ? undefined : check(field)
      if (wanted !== undefined) return `an object whose ${name} is ${wanted}`
    }
    return undefined
  }
}

/** A list whose every item passes. */
export function listOf(item: FieldCheck): FieldCheck {
  return (value) => {
    if (!Array.isArray(value)) return 'a list'
    const wanted = value.map(item).find((found) => found !== undefined)
    return wanted === undefined ? undefined : `a list, each item ${wanted}`
  }
}

/** Throws `STG_CONFIG_INVALID` for a field that is unknown or wrong, naming it and what it should be. */
export function checkFields(
  what: string,
  input: unknown,
  fields: Readonly<Record<string, FieldCheck>>,
): void {
  if (typeof input !== 'object' || input === null) throw wrong(what, 'options', 'an object')
  for (const [name, value] of Object.entries(input)) {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (check === undefined) throw unknownField(what, name, Object.keys(fields))
    const wanted = value === undefined ? undefined : check(value)
    if (wanted !== undefined) throw wrong(what, name, wanted)
  }
}

/** Throws `STG_CONFIG_INVALID` for a field that is unknown, naming those that there are. */
export function checkKnown(what: string, input: object, known: ReadonlySet<string>): void {
  for (const name in input) if (!known.has(name)) throw unknownField(what, name, [...known])
}

function unknownField(what: string, name: string, known: readonly string[]): StigmergyError {
  return wrong(what, name, `left out: there is no such option; there are ${known.join(', ')}`)
}

function wrong(what: string, field: string, wanted: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_INVALID', `${what}: ${field} must be ${wanted}.`, {
    details: { what, field },
  })
}
