import { commonOptions, type TriggerOptions } from '../app/trigger-options.js'
import type { PrimitiveClass } from '../contract/index.js'
import { type FindPrimitive, findIn, makePart } from './make-part.js'
import type { TriggerDefinition } from './trigger-definition.js'

/** Where a trigger stands and what it is made of, before anything is checked. */
export interface TriggerSource {
  readonly app: string
  readonly bucket: string
  readonly name: string
  readonly target: string
  readonly type: PrimitiveClass
  readonly options: unknown
  /** The primitives that the options may name. Default none. */
  readonly find?: FindPrimitive
  readonly common?: TriggerOptions
  readonly generation?: number
}

/**
 * Checks the options and makes the trigger. Throws `STG_OPTIONS_INVALID`, `STG_CONFIG_INVALID`, `STG_PRIMITIVE_UNKNOWN` or
 * `STG_PRIMITIVE_INVALID`.
 */
export function defineTrigger({
  app,
  bucket,
  name,
  target,
  type,
  options,
  find = findIn([]),
  common = {},
  generation = 0,
}: TriggerSource): TriggerDefinition {
  const what = `trigger ${bucket}.${String(name)}`
  const part = makePart(type, options, find, what)
  return { ...part, app, bucket, name, target, generation, common: commonOptions(what, part, common) }
}
