import type {
  AnyPrimitive,
  Part,
  PrimitiveClass,
  PrimitiveMeta,
  StandardSchemaV1,
  Trigger,
} from './contract/index.js'
import { markCopy } from './copy.js'
import { StigmergyError } from './errors.js'

const key = Symbol.for('stigmergy.primitive')

/**
 * Marks a class as a trigger primitive. Writes metadata on the class and registers nothing.
 * Works as a legacy and as a standard decorator, and as a plain call: `primitive(meta)(Class)`.
 */
export function primitive<Options>(meta: PrimitiveMeta<Options>) {
  return <State>(
    type: abstract new (options: Options, parts: readonly Part[]) => Trigger<Options, State>,
    _context?: ClassDecoratorContext,
  ): void => {
    Object.defineProperty(markCopy(type), key, { value: Object.freeze({ ...meta }) })
  }
}

/** Whether `@primitive` has marked the value, rightly or not. */
export function isPrimitive(value: unknown): value is AnyPrimitive {
  return typeof value === 'function' && Object.hasOwn(value, key)
}

/** The metadata of a primitive. Throws `STG_PRIMITIVE_INVALID` for a class that is none, and says what is missing. */
export function primitiveMeta<Options>(type: PrimitiveClass<Options>): PrimitiveMeta<Options> {
  const meta: unknown = isPrimitive(type) ? Reflect.get(type, key) : undefined
  if (meta === undefined) throw invalid(nameOf(type), 'it has no @primitive({ ... })')
  return checked(meta as PrimitiveMeta<Options>, type)
}

function checked<Options>(
  meta: PrimitiveMeta<Options>,
  type: PrimitiveClass<Options>,
): PrimitiveMeta<Options> {
  if (typeof meta.name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(meta.name))
    throw invalid(nameOf(type), `its name ${JSON.stringify(meta.name)} is not of a-z, 0-9 and "-"`)
  if (typeof meta.scope !== 'function' && meta.scope !== 'session' && meta.scope !== 'bucket')
    throw invalid(meta.name, `its scope is ${JSON.stringify(meta.scope)}, not "session" or "bucket"`)
  if (!Number.isInteger(meta.stateVersion) || meta.stateVersion < 1)
    throw invalid(meta.name, 'its stateVersion is not a whole number from 1')
  if (typeof meta.options?.['~standard']?.validate !== 'function')
    throw invalid(meta.name, 'its options are not a Standard Schema')
  for (const hook of ['initialState', 'onObject', 'describe'] as const)
    if (typeof Reflect.get(type.prototype as object, hook) !== 'function')
      throw invalid(meta.name, `it has no method ${hook}`)
  return meta
}

function invalid(name: string, why: string): StigmergyError {
  return new StigmergyError('STG_PRIMITIVE_INVALID', `${name} is not a usable primitive: ${why}.`, {
    details: { name },
  })
}

function nameOf(type: unknown): string {
  return typeof type === 'function' && type.name !== '' ? type.name : String(type)
}

declare const optionsOf: unique symbol

/** A primitive and its options as plain data: the same in an app, in a config and on the wire. */
export interface TriggerSpec<Options = unknown> {
  readonly primitive: string
  readonly options: Options
  readonly [optionsOf]?: Options
}

/** A function of an app by name, or the handle that `app.fn` returned. */
export type Target = string | { readonly fn: string }

/**
 * Configures a primitive: `bucket.when(trigger(EveryNth, { n: 2 }), target)`. Handles of functions in the options become their
 * names. The options are checked when the app is started.
 */
export function trigger<Options, Input = Options>(
  type: PrimitiveClass<Options>,
  options: NoInfer<Input>,
): TriggerSpec<Input> {
  return { primitive: primitiveMeta(type).name, options: withNames(options) as Input }
}

/** The spec, or `STG_CONFIG_INVALID` for what is none. */
export function checkedSpec(bucket: string, spec: TriggerSpec): TriggerSpec {
  if (typeof spec?.primitive === 'string') return spec
  throw new StigmergyError(
    'STG_CONFIG_INVALID',
    `bucket ${bucket}: a trigger must be what immediate() or trigger(MyPrimitive, { … }) returned.`,
    { details: { bucket } },
  )
}

function withNames(value: unknown): unknown {
  if (isHandle(value)) return value.fn
  if (Array.isArray(value)) return value.map(withNames)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withNames(field)]))
}

function isHandle(value: unknown): value is { fn: string } {
  return typeof value === 'object' && value !== null && typeof (value as { fn?: unknown }).fn === 'string'
}

/** Options after the schema of the primitive has parsed them. Throws `STG_OPTIONS_INVALID` and names `where` and each field. */
export function parseOptions<Options>(meta: PrimitiveMeta<Options>, input: unknown, where?: string): Options {
  const result = validate(meta, input)
  if (result.issues === undefined) return result.value
  const problems = result.issues.map((issue) => `${pathOf(issue)}${issue.message}`)
  throw new StigmergyError(
    'STG_OPTIONS_INVALID',
    `${where === undefined ? 'Options' : `${where}: options`} of ${meta.name} are not valid: ${problems.join('; ')}.`,
    { details: { primitive: meta.name, where, problems } },
  )
}

function validate<Options>(meta: PrimitiveMeta<Options>, input: unknown): StandardSchemaV1.Result<Options> {
  let result: ReturnType<(typeof meta.options)['~standard']['validate']>
  try {
    result = meta.options['~standard'].validate(input)
  } catch (cause) {
    throw new StigmergyError('STG_OPTIONS_INVALID', `The schema of ${meta.name} threw.`, {
      cause,
      details: { primitive: meta.name },
    })
  }
  if (!(result instanceof Promise)) return result
  result.catch(() => undefined)
  throw invalid(meta.name, 'the schema of its options is asynchronous')
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  return path.length === 0 ? '' : `${path.join('.')}: `
}
