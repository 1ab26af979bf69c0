import { primitive, Trigger, trigger } from '@stigmergy/core'
import type {
  Awaiting,
  Firing,
  ObjectRef,
  Status,
  Target,
  TriggerContext,
  TriggerSpec,
} from '@stigmergy/core'
import { z } from 'zod'

const text = z
  .string()
  .min(1, 'must not be empty')
  .refine((value) => Buffer.byteLength(value) <= 512, 'is longer than any key: 512 bytes')

const match = z.union(
  [
    text.transform((key) => ({ keys: new Set([key]) })),
    z
      .array(text)
      .min(1, 'must name at least one key')
      .max(10_000)
      .transform((keys) => ({ keys: new Set(keys) })),
    z.strictObject({ prefix: text }),
    z.strictObject({ glob: text.transform((glob) => Array.from(glob)) }),
  ],
  { error: 'must be a key of 1 to 512 bytes, a list of 1 to 10,000 keys, { prefix } or { glob }' },
)

const options = z.strictObject({ match, otherwise: z.string().min(1).optional() })

/** Options of `ByName` after they have been checked: keys as a set, a glob as its characters. */
export type ByNameOptions = z.output<typeof options>

/** Options of `byName` as an app writes them. */
export interface ByNameInput {
  /**
   * Which keys fire: one key, 1 to 10,000 keys, a prefix, or a glob in which `*` stands for any run of characters and `?` for one.
   * Case counts, nothing is normalised, and in a glob every other character stands for itself.
   */
  readonly match: string | readonly string[] | { readonly prefix: string } | { readonly glob: string }
  /** Runs for keys that do not match. Without it they are disposed as `filtered`. */
  readonly otherwise?: Target
}

/** Fires each object whose key matches, alone. */
@primitive({
  name: 'by-name',
  scope: 'session',
  stateVersion: 1,
  options,
  targets: ({ otherwise }) => (otherwise === undefined ? [] : [otherwise]),
})
export class ByName extends Trigger<ByNameOptions, null> {
  initialState(): null {
    return null
  }

  onObject(_state: null, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { match, otherwise } = this.options
    if (matches(match, object.key)) return [{ objects: [object] }]
    if (otherwise !== undefined) return [{ objects: [object], target: otherwise }]
    ctx.dispose(object, 'filtered')
    return []
  }

  describe(): Status {
    return { held: [], awaiting: this.awaiting() }
  }

  private awaiting(): Awaiting {
    const { match, otherwise } = this.options
    const onlyOne = otherwise === undefined && 'keys' in match && match.keys.size === 1
    return onlyOne ? { keys: [...match.keys] } : { count: 1 }
  }
}

/** Configures `ByName`: objects with certain keys run the target. */
export function byName(options: ByNameInput): TriggerSpec<ByNameInput> {
  return trigger<ByNameOptions, ByNameInput>(ByName, options)
}

function matches(match: ByNameOptions['match'], key: string): boolean {
  if ('keys' in match) return match.keys.has(key)
  return 'prefix' in match ? key.startsWith(match.prefix) : matchesGlob(match.glob, Array.from(key))
}

/** Goes back to the latest `*` only: an earlier one could not match more. So it takes at most pattern times text steps. */
function matchesGlob(pattern: readonly string[], text: readonly string[]): boolean {
  let at = 0
  let star = -1
  let starEnd = 0
  for (let next = 0; next < text.length;) {
    if (pattern[at] === '*') {
      star = at++
      starEnd = next
    } else if (pattern[at] === '?' || pattern[at] === text[next]) {
      at++
      next++
    } else if (star >= 0) {
      at = star + 1
      next = ++starEnd
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
