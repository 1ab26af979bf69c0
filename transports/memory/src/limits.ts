import { StigmergyError } from '@stigmergy/core'

/** The value of a limit. Throws `STG_CONFIG_INVALID` unless it is a whole number that is not below `least`. */
export function limit(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new StigmergyError('STG_CONFIG_INVALID', `${name} is ${value}, not a whole number from ${least}.`, {
    details: { name, value, least },
  })
}
