import type { AppManifest } from '../app/define-app.js'
import { targetName, type TriggerOptions } from '../app/trigger-options.js'
import { defineTrigger } from '../bucket/define-trigger.js'
import { unknownPrimitive } from '../bucket/make-part.js'
import { targetsOf, type TriggerDefinition } from '../bucket/trigger-definition.js'
import type { AnyPrimitive, PrimitiveClass, Warning } from '../contract/index.js'
import { checkCopy } from '../copy.js'
import { StigmergyError } from '../errors.js'
import { checkedSpec, primitiveMeta, type TriggerSpec } from '../primitive.js'

/** A trigger to be made, where all names are still the user's. */
export interface TriggerRequest {
  readonly app: string
  readonly bucket: string
  readonly spec: TriggerSpec
  readonly target: string
  readonly options: TriggerOptions<never>
  readonly generation?: number
}

/** Triggers that are right, and the errors of those that are not. */
export interface Reviewed {
  readonly triggers: readonly TriggerDefinition[]
  readonly errors: readonly StigmergyError[]
}

/** A remark on a trigger of an app. */
export interface TriggerWarning extends Warning {
  /** `<bucket>.<trigger>`. */
  readonly trigger: string
}

/** The primitives of a runtime by name. */
export class Registry {
  readonly #primitives = new Map<string, PrimitiveClass>()

  /** Throws `STG_PRIMITIVE_INVALID`, and `STG_CONFIG_NAME` for two primitives of one name. */
  constructor(primitives: readonly AnyPrimitive[]) {
    for (const type of primitives as readonly unknown[] as readonly PrimitiveClass[]) this.#add(type)
  }

  /** The names of all primitives. */
  get names(): readonly string[] {
    return [...this.#primitives.keys()]
  }

  /** Every trigger of the app, checked. Throws for the first that is wrong; nothing has started by then. */
  triggersOf(app: AppManifest): readonly TriggerDefinition[] {
    const { triggers, errors } = this.review(app)
    if (errors[0] !== undefined) throw errors[0]
    return triggers
  }

  /** The triggers of the app that are right, and what is wrong with the others. */
  review(app: AppManifest): Reviewed {
    const triggers: TriggerDefinition[] = []
    const errors: StigmergyError[] = []
    for (const { name: bucket, triggers: declared } of app.buckets.values())
      for (const declaration of declared)
        try {
          triggers.push(this.#declared({ app: app.name, bucket, ...declaration }, app, triggers))
        } catch (error) {
          if (!StigmergyError.is(error)) throw error
          errors.push(error)
        }
    return { triggers, errors }
  }

  /** One trigger, checked. Throws `STG_PRIMITIVE_UNKNOWN`, `STG_OPTIONS_INVALID`, `STG_CONFIG_INVALID`, `STG_FUNCTION_UNKNOWN`. */
  define(
    { app, bucket, spec, target, options, generation = 0 }: TriggerRequest,
    functions: ReadonlySet<string>,
  ): TriggerDefinition {
    const type = this.#find(checkedSpec(bucket, spec).primitive, `Bucket ${bucket}`)
    const name = options?.name ?? target
    const source = {
      app,
      bucket,
      name,
      target,
      type,
      options: spec.options,
      find: (name: string, where: string) => this.#find(name, where),
      common: options as TriggerOptions,
      generation,
    }
    const trigger = defineTrigger(source)
    const sources = (options.expect ?? []).map(({ source }) => targetName(source))
    for (const wanted of [...targetsOf(trigger), ...sources])
      if (!functions.has(wanted)) throw unknownTarget(trigger, wanted, functions)
    return trigger
  }

  #declared(
    request: TriggerRequest,
    { functions }: AppManifest,
    others: readonly TriggerDefinition[],
  ): TriggerDefinition {
    const trigger = this.define(request, new Set(functions.keys()))
    const { bucket, name } = trigger
    if (others.some((other) => bucket === other.bucket && name === other.name)) throw taken(trigger)
    return trigger
  }

  #add(type: PrimitiveClass): void {
    const { name } = primitiveMeta(type)
    checkCopy(`Primitive ${name}`, type)
    const other = this.#primitives.get(name)
    if (other === type) return
    if (other !== undefined)
      throw new StigmergyError(
        'STG_CONFIG_NAME',
        `Two primitives are called ${name}; keep one, or rename one in its @primitive.`,
        { details: { name } },
      )
    this.#primitives.set(name, type)
  }

  #find(primitive: string, where: string): PrimitiveClass {
    const type = this.#primitives.get(primitive)
    if (type === undefined) throw unknownPrimitive(primitive, where, [...this.#primitives.keys()])
    return type
  }
}

/** What may go wrong with triggers although their options are valid. */
export function warningsOf(triggers: readonly TriggerDefinition[]): readonly TriggerWarning[] {
  return triggers.flatMap((trigger) => {
    const own = trigger.meta.analyze?.(trigger.options, trigger.common, trigger.parts) ?? []
    return [...own, ...withoutDeadline(trigger)].map((warning) => ({
      ...warning,
      trigger: `${trigger.bucket}.${trigger.name}`,
    }))
  })
}

/** A trigger that waits for what ends is a join; without a deadline it waits as long as its slowest producer. */
function withoutDeadline({ listensTo, common }: TriggerDefinition): readonly Warning[] {
  if (common.deadlineMs !== undefined || listensTo?.length === 0) return []
  return [
    {
      code: 'can-wait-for-ever',
      message: 'a join without a deadline waits as long as its slowest producer runs',
      remedy: 'set deadline on the trigger, or timeoutMs on the functions that put into its bucket',
    },
  ]
}

function taken({ bucket, name }: TriggerDefinition): StigmergyError {
  return new StigmergyError(
    'STG_CONFIG_NAME',
    `Bucket ${bucket} has two triggers called ${JSON.stringify(name)}; a trigger is called after its target unless it is given a name: name one of them.`,
    { details: { bucket, name } },
  )
}

function unknownTarget(
  { app, bucket, name }: TriggerDefinition,
  fn: string,
  functions: ReadonlySet<string>,
): StigmergyError {
  return new StigmergyError(
    'STG_FUNCTION_UNKNOWN',
    `Trigger ${bucket}.${name} names function ${JSON.stringify(fn)}, which app ${app} does not have; it has ${[...functions].join(', ')}.`,
    { details: { app, bucket, trigger: name, fn } },
  )
}
