import { inspect } from 'node:util'
import type { App, RuntimeDefinition } from 'stigmergy'
import { targetsOf, type TriggerDefinition, triggerId } from '@stigmergy/core/cell'

/** An app as a graph: data goes from functions to buckets, and from buckets through triggers to functions. */
export interface Graph {
  readonly app: string
  readonly functions: readonly FunctionNode[]
  readonly buckets: readonly string[]
  readonly triggers: readonly TriggerNode[]
}

export interface FunctionNode {
  readonly name: string
  /** Whether the app hands it out to callers. */
  readonly isEntry: boolean
  /** The buckets that it declares to put into; undefined when it does not say. */
  readonly puts: readonly string[] | undefined
}

export interface TriggerNode {
  readonly id: string
  readonly bucket: string
  readonly primitive: string
  readonly options: unknown
  /** What the trigger is told besides the options of its primitive, in words. */
  readonly common: readonly string[]
  readonly target: string
  /** Functions besides the target, such as a fallback. */
  readonly others: readonly string[]
}

/** Longer texts than this are cut. */
const longest = 60

/** The graph of an app. What a primitive says of its targets is known for those that the runtime has. */
export function graphOf({ name, manifest, handles }: App, { registry }: RuntimeDefinition): Graph {
  const { triggers: checked } = registry.review(manifest)
  const handed = new Set(Object.values(handles ?? {}))
  return {
    app: name,
    functions: [...manifest.functions.values()].map(({ name: fn, options: { puts } }) => ({
      name: fn,
      isEntry: [...handed].some((handle) => (handle as { fn?: unknown } | null)?.fn === fn),
      puts: puts?.map(({ bucket }) => bucket),
    })),
    buckets: [...manifest.buckets.keys()],
    triggers: [...manifest.buckets.values()].flatMap(({ name: bucket, triggers }) =>
      triggers.map(({ spec, target, options }): TriggerNode => {
        const id = triggerId({ bucket, name: options.name ?? target })
        const definition = checked.find((each) => triggerId(each) === id)
        return {
          id,
          bucket,
          primitive: spec.primitive,
          options: spec.options,
          common: Object.entries(options).flatMap(commonText),
          target,
          others: othersOf(definition, target),
        }
      }),
    ),
  }
}

function othersOf(definition: TriggerDefinition | undefined, target: string): readonly string[] {
  return definition === undefined ? [] : [...new Set(targetsOf(definition))].filter((fn) => fn !== target)
}

function commonText([name, value]: readonly [string, unknown]): readonly string[] {
  if (name === 'name' || value === undefined) return []
  return [typeof value === 'function' ? name : `${name}: ${brief(value)}`]
}

/** What stands in a trigger's box: the primitive, its options, and the others. */
export function linesOf({ primitive, options, common }: TriggerNode): readonly string[] {
  const isPlain = typeof options === 'object' && options !== null
  const own = isPlain ? Object.entries(options).map(([name, value]) => `${name}: ${brief(value)}`) : []
  return [primitive, ...own, ...common]
}

/** What stands in a function's box. */
export function textOf({ name, puts }: FunctionNode): readonly string[] {
  return puts === undefined ? [name, 'puts: not declared'] : [name]
}

function brief(value: unknown): string {
  const text = inspect(value, { compact: true, breakLength: Infinity, depth: 3 })
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}
