import { StigmergyError } from '../errors.js'

const maxNameBytes = 512

/** Whether `text` is 1 to 512 bytes of well-formed UTF-8 when encoded: what keys, sessions and groups are made of. */
export function isName(text: unknown): text is string {
  if (typeof text !== 'string' || text.length === 0 || text.length > maxNameBytes) return false
  if (text.length * 3 > maxNameBytes && Buffer.byteLength(text) > maxNameBytes) return false
  return !loneSurrogate.test(text)
}

const loneSurrogate = /\p{Surrogate}/u

/** The name, or `STG_OBJECT_KEY_INVALID` that says which field is wrong and why. */
export function checkedName(field: string, text: unknown): string {
  if (isName(text)) return text
  const shown =
    typeof text === 'string'
      ? `${JSON.stringify(text.slice(0, 40))} (${Buffer.byteLength(text)} bytes)`
      : String(text)
  throw new StigmergyError(
    'STG_OBJECT_KEY_INVALID',
    `${field} ${shown} is not a name; use 1 to ${maxNameBytes} bytes of well-formed UTF-8, any character.`,
    { details: { field } },
  )
}

/** The name of an app, bucket, trigger or function, or `STG_CONFIG_NAME`. */
export function checkedIdentifier(what: string, text: unknown): string {
  if (isName(text)) return text
  throw new StigmergyError(
    'STG_CONFIG_NAME',
    `The name of ${what} must be 1 to ${maxNameBytes} bytes of text.`,
    {
      details: { what, name: String(text).slice(0, 80) },
    },
  )
}
