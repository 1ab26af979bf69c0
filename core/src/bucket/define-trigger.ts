import { commonOptions, type TriggerOptions } from '../app/trigger-options.js'
import type { PrimitiveClass, Trigger } from '../contract/index.js'
import { parseOptions, primitiveMeta } from '../primitive.js'
import type { TriggerDefinition } from './trigger-definition.js'

/** Where a trigger stands and what it is made of, before anything is checked. */
export interface TriggerSource {
  readonly app: string
  readonly bucket: string
  readonly name: string
  readonly target: string
  readonly type: PrimitiveClass
  readonly options: unknown
  readonly common?: TriggerOptions
  readonly generation?: number
}

/** Checks the options and makes the trigger. Throws `STG_OPTIONS_INVALID`, `STG_CONFIG_INVALID` or `STG_PRIMITIVE_INVALID`. */
export function defineTrigger({
  app,
  bucket,
  name,
  target,
  type,
  common = {},
  generation = 0,
  ...rest
}: TriggerSource): TriggerDefinition {
  const meta = primitiveMeta(type)
  const what = `trigger ${bucket}.${String(name)}`
  const options = parseOptions(meta, rest.options, what)
  const trigger: Trigger<unknown, unknown> = new type(options)
  return {
    app,
    bucket,
    name,
    target,
    generation,
    meta,
    trigger,
    options,
    common: commonOptions(what, meta, trigger, common),
  }
}
