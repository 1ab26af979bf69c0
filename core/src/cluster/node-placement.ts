import type { Work } from './cluster-messages.js'
import type { MemberEntry } from './register-values.js'

/** A node as a placement sees it. */
export interface NodeLoad {
  readonly id: string
  /** What it last told of itself. */
  readonly entry: MemberEntry
  /** Work that this coordinator has given to it and that has not ended. */
  readonly given: number
}

/** Decides which node runs what comes next. */
export interface NodePlacement {
  /** The place of the chosen one among the candidates, of which there are two at least. */
  choose(candidates: readonly NodeLoad[], work: Work): number
}

/**
 * The node that has most bytes of the inputs; of those with equally many the one with most free slots, by what it told and what
 * this coordinator has given it since. Equal ones take turns.
 */
export class NearestAndLeastLoaded implements NodePlacement {
  #turn = 0

  choose(candidates: readonly NodeLoad[], { objects }: Work): number {
    const bytes = bytesPerNode(objects)
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

function bytesPerNode(objects: Work['objects']): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>()
  for (const { value, ref } of objects)
    if ('ticket' in value) bytes.set(value.node, (bytes.get(value.node) ?? 0) + ref.bytes)
  return bytes
}

function isBetter(a: NodeLoad, b: NodeLoad, bytes: ReadonlyMap<string, number>): boolean {
  const nearer = (bytes.get(a.id) ?? 0) - (bytes.get(b.id) ?? 0)
  return nearer === 0 ? free(a) > free(b) : nearer > 0
}

/** Slots that are likely to be free; below zero when work waits. */
function free({ entry, given }: NodeLoad): number {
  return entry.slots - Math.max(entry.running + entry.queued, given)
}
