import type { Member, Members } from './members.js'
import type { NodeLoad } from './node-placement.js'
import type { MemberEntry } from './register-values.js'
import { placeOf } from './rendezvous.js'

/**
 * What a coordinator has given to each node. Made once for each node, and not for each firing: with a thousand nodes that would be most of
 * what a firing costs.
 */
export class NodeLoads {
  readonly #nodes: Members
  /** Where this coordinator begins, of all nodes: those that are equal take turns, and all coordinators must not begin with the same ones. */
  readonly #begin: number
  #live: ReadonlyMap<string, Member> | undefined
  #loads: ReadonlyMap<string, Load> = new Map()
  readonly #given = new Map<string, number>()
  readonly #perApp = new Map<string, readonly Load[]>()

  constructor(nodes: Members, coordinator: string) {
    this.#nodes = nodes
    this.#begin = placeOf(coordinator)
  }

  /** Work that a node has, or was asked to take. */
  givenTo(node: string): number {
    return this.#given.get(node) ?? 0
  }

  count(node: string, change: number): void {
    const given = this.givenTo(node) + change
    if (given > 0) this.#given.set(node, given)
    else this.#given.delete(node)
    const load = this.#loads.get(node)
    if (load !== undefined) load.given = given
  }

  /** The nodes that live and run an app, as they stand. */
  thatRun(app: string): readonly NodeLoad[] {
    this.#look()
    const known = this.#perApp.get(app)
    if (known !== undefined) return known
    const loads = [...this.#loads.values()].filter(({ entry }) => entry.apps.includes(app))
    const begin = Math.floor(this.#begin * loads.length)
    const turned = [...loads.slice(begin), ...loads.slice(0, begin)]
    this.#perApp.set(app, turned)
    return turned
  }

  #look(): void {
    const { live } = this.#nodes
    if (this.#live === live) return
    this.#live = live
    this.#loads = new Map([...live].map(([id, member]) => [id, new Load(id, member, this.givenTo(id))]))
    this.#perApp.clear()
  }
}

class Load implements NodeLoad {
  /** A coordinator does not know where a whole session has run before. */
  readonly isWarm = false

  constructor(
    readonly id: string,
    private readonly member: Member,
    public given: number,
  ) {}

  get entry(): MemberEntry {
    return this.member.entry
  }
}
