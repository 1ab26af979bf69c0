import { hasHook, type Part, type PartSpec, type PrimitiveClass, type Trigger } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { parseOptions, primitiveMeta } from '../primitive.js'

/** Gives the class that a name stands for. Throws `STG_PRIMITIVE_UNKNOWN`. */
export type FindPrimitive = (name: string, where: string) => PrimitiveClass

/** How deep triggers may be made of triggers, and of how many in all. */
const deepest = 16
const mostParts = 256

/** What is left of these bounds, on the way down. */
interface Room {
  readonly depth: number
  readonly parts: { left: number }
}

/**
 * Checks options and makes the trigger of them, with the parts that it is made of. `where` begins the messages. Throws
 * `STG_OPTIONS_INVALID`, `STG_PRIMITIVE_UNKNOWN` or `STG_PRIMITIVE_INVALID`.
 */
export function makePart(type: PrimitiveClass, input: unknown, find: FindPrimitive, where?: string): Part {
  return make(type, input, find, where, { depth: deepest, parts: { left: mostParts } })
}

/** Looks names up in a list of classes. */
export function findIn(primitives: readonly PrimitiveClass[]): FindPrimitive {
  return (name, where) => {
    const type = primitives.find((each) => primitiveMeta(each).name === name)
    if (type === undefined)
      throw unknownPrimitive(
        name,
        where,
        primitives.map((each) => primitiveMeta(each).name),
      )
    return type
  }
}

/** The error for a name that stands for no primitive. */
export function unknownPrimitive(name: string, where: string, known: readonly string[]): StigmergyError {
  return new StigmergyError(
    'STG_PRIMITIVE_UNKNOWN',
    `${where} uses primitive ${JSON.stringify(name)}, which this runtime does not have; add its class to primitives. It has ${known.join(', ') || 'none'}.`,
    { details: { primitive: name, where } },
  )
}

function make(
  type: PrimitiveClass,
  input: unknown,
  find: FindPrimitive,
  where: string | undefined,
  room: Room,
): Part {
  const meta = primitiveMeta(type)
  const options = parseOptions(meta, input, where)
  const specs = meta.parts?.(options) ?? []
  const parts = specs.map((spec, at) => makeInner(spec, find, `${where ?? meta.name}: part ${at}`, room))
  const trigger: Trigger<unknown, unknown> = new type(options, parts)
  return {
    meta,
    options,
    trigger,
    parts,
    scope: given(meta.scope, options, parts),
    onSessionEnd: given(meta.onSessionEnd, options, parts) ?? 'discard',
    targets: meta.targets?.(options, parts) ?? [],
    firesEmpty: meta.firesEmpty?.(options, parts) ?? false,
    listensTo: hears(trigger) ? given(meta.listensTo, options, parts) : [],
  }
}

function makeInner(
  { primitive, options }: PartSpec,
  find: FindPrimitive,
  where: string,
  { depth, parts }: Room,
): Part {
  parts.left -= 1
  if (depth === 0) throw tooMuch(where, `are nested more than ${deepest} deep`)
  if (parts.left < 0) throw tooMuch(where, `are more than ${mostParts}`)
  return make(find(primitive, where), options, find, where, { depth: depth - 1, parts })
}

function tooMuch(where: string, what: string): StigmergyError {
  return new StigmergyError('STG_OPTIONS_INVALID', `${where}: the parts of the trigger ${what}.`, {
    details: { where },
  })
}

/** What stands in the metadata: a value, or a function that gives it. */
function given<Value>(
  rule: Value | ((options: unknown, parts: readonly Part[]) => Value),
  options: unknown,
  parts: readonly Part[],
): Value {
  return typeof rule === 'function'
    ? (rule as (options: unknown, parts: readonly Part[]) => Value)(options, parts)
    : rule
}

function hears(trigger: Trigger<unknown, unknown>): boolean {
  return hasHook(trigger, 'onClosed')
}
