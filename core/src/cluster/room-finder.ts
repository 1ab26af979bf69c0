import type { Grant, Wanted } from './assist-messages.js'
import type { Members } from './members.js'
import type { NodeLoad, NodePlacement } from './node-placement.js'
import { RecentNames } from './recent-names.js'

export interface RoomFinderOptions {
  readonly nodes: Members
  readonly placement: NodePlacement
  /** Work of this coordinator that a node has. */
  readonly givenTo: (node: string) => number
}

/** One request for room is answered with so many nodes at most. */
const mostNodes = 32
/** Functions and nodes that have met lately. */
const maxWarm = 100_000

const noBytes: ReadonlyMap<string, number> = new Map()

/** A node with room, as it stands after what was granted so far. */
interface Candidate extends NodeLoad {
  given: number
  room: number
  isWarm: boolean
}

/** Finds room for what waits on nodes that have none. What was granted counts until the node tells of itself again. */
export class RoomFinder {
  readonly #options: RoomFinderOptions
  readonly #granted = new Map<string, { readonly revision: number; readonly count: number }>()
  readonly #warm = new RecentNames(maxWarm)

  constructor(options: RoomFinderOptions) {
    this.#options = options
  }

  /** Room for some of what waits at a node: none where there is none, and on no more nodes than one answer may have. */
  find(asking: string, wanted: readonly Wanted[]): readonly Grant[] {
    this.#forgetGone()
    const grants = new Map<string, Grant>()
    for (const each of wanted) this.#findFor(asking, each, grants)
    return [...grants.values()]
  }

  #findFor(asking: string, { app, fn, count }: Wanted, grants: Map<string, Grant>): void {
    const next = { app, fn, bytes: noBytes }
    let candidates = this.#candidates(asking, app, fn)
    let left = count
    while (left > 0) {
      if (grants.size >= mostNodes) candidates = candidates.filter(({ id }) => grants.has(id))
      if (candidates.length === 0) return
      const at = candidates.length < 2 ? 0 : this.#options.placement.choose(candidates, next)
      const chosen = candidates[at]
      if (chosen === undefined) return
      const share = Math.ceil(count / Math.min(candidates.length, mostNodes))
      const given = Math.min(left, share, chosen.room)
      left -= given
      this.#grant(chosen, given, grants)
      this.#warm.add(warmName(app, fn, chosen.id))
      chosen.given += given
      chosen.room -= given
      chosen.isWarm = true
      if (chosen.room <= 0) candidates.splice(at, 1)
    }
  }

  /** Looked for once for all that one function asks for: with many nodes that takes long. */
  #candidates(asking: string, app: string, fn: string): Candidate[] {
    const candidates: Candidate[] = []
    for (const [id, { entry }] of this.#options.nodes.live) {
      if (id === asking || !entry.apps.includes(app)) continue
      const granted = this.#grantedTo(id)
      const room = entry.room - granted
      if (room <= 0) continue
      const given = this.#options.givenTo(id) + granted
      candidates.push({ id, entry, given, room, isWarm: this.#warm.has(warmName(app, fn, id)) })
    }
    return candidates
  }

  #grantedTo(id: string): number {
    const granted = this.#granted.get(id)
    return granted?.revision === this.#options.nodes.revisionOf(id) ? granted.count : 0
  }

  #grant({ id, entry }: NodeLoad, count: number, grants: Map<string, Grant>): void {
    const revision = this.#options.nodes.revisionOf(id)
    this.#granted.set(id, { revision, count: this.#grantedTo(id) + count })
    const { address, apps } = entry
    grants.set(id, { node: id, address, apps, count: (grants.get(id)?.count ?? 0) + count })
  }

  #forgetGone(): void {
    for (const id of this.#granted.keys()) if (!this.#options.nodes.isLive(id)) this.#granted.delete(id)
  }
}

function warmName(app: string, fn: string, node: string): string {
  return JSON.stringify([app, fn, node])
}
