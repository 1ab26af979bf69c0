import type { MemberEntry } from './register-values.js'
import type { SentObject } from './shared-object.js'

/** A node as a placement sees it. */
export interface NodeLoad {
  readonly id: string
  /** What it last told of itself. */
  readonly entry: MemberEntry
  /** What this coordinator has given to it and that has not ended, as far as it knows. */
  readonly given: number
  /** Whether this coordinator has had the function run there lately. */
  readonly isWarm: boolean
}

/** What is to be run on a node: a session, or firings for which their home has no room. */
export interface NextOnNode {
  readonly app: string
  /** Undefined for a session that a put has opened. */
  readonly fn: string | undefined
  /** Bytes of its inputs, by the nodes that have them. What travels inside of messages is nowhere yet. */
  readonly bytes: ReadonlyMap<string, number>
}

/** Decides which node runs what comes next. */
export interface NodePlacement {
  /** The place of the chosen one among the candidates, of which there are two at least. */
  choose(candidates: readonly NodeLoad[], next: NextOnNode): number
}

/**
 * The node that has most bytes of the inputs; of those with equally many the one with most free slots, by what it told and what
 * this coordinator has given it since; of those with equally many one where the function has run. Equal ones take turns.
 */
export class NearestAndLeastLoaded implements NodePlacement {
  #turn = 0

  choose(candidates: readonly NodeLoad[], { bytes }: NextOnNode): number {
    const count = candidates.length
    this.#turn += 1
    let best = this.#turn % count
    for (let step = 1; step < count; step += 1) {
      const at = (this.#turn + step) % count
      if (isBetter(candidates[at]!, candidates[best]!, bytes)) best = at
    }
    return best
  }
}

/** Bytes of these objects, by the nodes that lend them. */
export function bytesPerNode(objects: readonly SentObject[]): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>()
  for (const { value, ref } of objects)
    if ('ticket' in value) bytes.set(value.node, (bytes.get(value.node) ?? 0) + ref.bytes)
  return bytes
}

function isBetter(a: NodeLoad, b: NodeLoad, bytes: ReadonlyMap<string, number>): boolean {
  const nearer = bytes.size === 0 ? 0 : (bytes.get(a.id) ?? 0) - (bytes.get(b.id) ?? 0)
  if (nearer !== 0) return nearer > 0
  const freer = free(a) - free(b)
  return freer === 0 ? a.isWarm && !b.isWarm : freer > 0
}

/** Slots that are likely to be free; below zero when work waits. */
function free({ entry, given }: NodeLoad): number {
  return entry.slots - Math.max(entry.running + entry.queued, given)
}
