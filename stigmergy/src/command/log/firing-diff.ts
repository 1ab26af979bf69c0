import type { ObjectRef, PartitionName } from 'stigmergy'

/** A firing as far as two runs can have it in common. */
export interface ComparedFiring {
  readonly at: number
  readonly fn: string
  readonly partition: PartitionName
  readonly objects: readonly Pick<ObjectRef, 'key' | 'session' | 'seq'>[]
}

/** Firings of two runs over the same events: which of them both have. Those that are matched are forgotten. */
export class FiringDiff {
  /** Firings that both have. */
  same = 0
  readonly #logged = new Unmatched()
  readonly #replayed = new Unmatched()

  /** A firing that was logged. */
  addLogged(firing: ComparedFiring): void {
    if (this.#replayed.take(firing)) this.same += 1
    else this.#logged.add(firing)
  }

  /** A firing of the replay. */
  addReplayed(firing: ComparedFiring): void {
    if (this.#logged.take(firing)) this.same += 1
    else this.#replayed.add(firing)
  }

  /** In the log and not in the replay, in order of time. */
  get onlyLogged(): readonly ComparedFiring[] {
    return this.#logged.all
  }

  /** In the replay and not in the log, in order of time. */
  get onlyReplayed(): readonly ComparedFiring[] {
    return this.#replayed.all
  }
}

class Unmatched {
  readonly #byContent = new Map<string, ComparedFiring[]>()

  get all(): readonly ComparedFiring[] {
    return [...this.#byContent.values()].flat().sort((a, b) => a.at - b.at)
  }

  add(firing: ComparedFiring): void {
    const key = contentOf(firing)
    const others = this.#byContent.get(key)
    if (others === undefined) this.#byContent.set(key, [firing])
    else others.push(firing)
  }

  take(firing: ComparedFiring): boolean {
    const key = contentOf(firing)
    const others = this.#byContent.get(key)
    others?.shift()
    if (others?.length === 0) this.#byContent.delete(key)
    return others !== undefined
  }
}

/** What makes two firings the same. When they happened does not. */
function contentOf({ fn, partition, objects }: ComparedFiring): string {
  return JSON.stringify([fn, partition.session ?? null, partition.by ?? null, objects.map(({ seq }) => seq)])
}
