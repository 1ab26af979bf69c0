import type { Closed, Part, PrimitiveMeta, TriggerLimits, TriggerSpec, Warning } from '@stigmergy/core'
import { z } from 'zod'

/** A trigger spec as an operand; its own options are checked by its own primitive. */
export const operand = z.strictObject(
  { primitive: z.string().min(1), options: z.unknown() },
  {
    error: (issue) =>
      isNegation(issue.input)
        ? 'not(…) stands in within(…) only'
        : 'must be a trigger, as bySet({ … }) gives it',
  },
)

export const operands = z.array(operand).min(1, 'must have at least one trigger').max(256)

/** What a trigger with parts has from its parts. */
export const composed = {
  stateVersion: 1,
  scope: (_options: unknown, parts: readonly Part[]) =>
    parts.every(({ scope }) => scope === 'bucket') ? 'bucket' : 'session',
  onSessionEnd: (_options: unknown, parts: readonly Part[]) =>
    parts.some(({ onSessionEnd }) => onSessionEnd === 'flush') ? 'flush' : 'discard',
  targets: (_options: unknown, parts: readonly Part[]) => parts.flatMap(({ targets }) => targets),
  firesEmpty: (_options: unknown, parts: readonly Part[]) => parts.some(({ firesEmpty }) => firesEmpty),
  analyze: warningsOf,
} as const satisfies Partial<PrimitiveMeta>

/** The facts that the parts want. */
export function factsOfParts(
  _options: unknown,
  parts: readonly Part[],
): readonly Closed['scope'][] | undefined {
  if (parts.some(({ listensTo }) => listensTo === undefined)) return undefined
  return [...new Set(parts.flatMap(({ listensTo = [] }) => listensTo))]
}

/** The same for a trigger of several parts that has a word to say when its session ends before all of them are satisfied. */
export function factsOfJoin(
  options: unknown,
  parts: readonly Part[],
): readonly Closed['scope'][] | undefined {
  const facts = factsOfParts(options, parts)
  return facts === undefined || parts.length === 1 ? facts : [...new Set([...facts, 'session' as const])]
}

/** The specs of an operand list. */
export function specsOf({ of }: { readonly of: readonly TriggerSpec[] }): readonly TriggerSpec[] {
  return of
}

function isNegation(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'not' in input
}

function warningsOf(_options: unknown, trigger: TriggerLimits, parts: readonly Part[]): readonly Warning[] {
  return parts.flatMap(({ meta, options, parts: inner }, at) =>
    (meta.analyze?.(options, trigger, inner) ?? []).map((warning) => ({
      ...warning,
      message: `Part ${at} (${meta.name}): ${warning.message}`,
    })),
  )
}
