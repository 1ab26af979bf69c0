import type { ObjectRef, PartitionName } from 'stigmergy'

/** A firing as far as two runs can have it in common. */
export interface ComparedFiring {
  readonly at: number
  readonly fn: string
  readonly partition: PartitionName
  readonly objects: readonly Pick<ObjectRef, 'key' | 'session' | 'seq'>[]
}

/** A firing that only one of the runs has. */
export interface Difference extends ComparedFiring {
  readonly run: 'logged' | 'replayed'
}

export interface FiringDiffLimits {
  /** Differences that are kept to be told, the first ones. */
  readonly told: number
  /** Objects in firings of each run that wait for the other run to have the same. Default 100,000. */
  readonly waiting?: number
}

/**
 * Firings of two runs over the same events: which of them both have. Those that are matched are forgotten, and those that have
 * waited for longest count as different when too many wait.
 */
export class FiringDiff {
  /** Firings that both have. */
  same = 0
  readonly #logged: OneRun
  readonly #replayed: OneRun
  readonly #told: number

  constructor({ told, waiting = 100_000 }: FiringDiffLimits) {
    this.#told = told
    this.#logged = new OneRun(told, waiting)
    this.#replayed = new OneRun(told, waiting)
  }

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

  /** How many are in the log and not in the replay. */
  get onlyLogged(): number {
    return this.#logged.count
  }

  /** How many are in the replay and not in the log. */
  get onlyReplayed(): number {
    return this.#replayed.count
  }

  /** The first differences, in order of time. */
  get first(): readonly Difference[] {
    const [logged, replayed] = [this.#logged.first, this.#replayed.first]
    const all = [
      ...logged.map((firing) => ({ ...firing, run: 'logged' as const })),
      ...replayed.map((firing) => ({ ...firing, run: 'replayed' as const })),
    ]
    return all.sort((a, b) => a.at - b.at).slice(0, this.#told)
  }
}

/** The firings of one run that the other has not, or not yet. */
class OneRun {
  readonly #waiting = new Map<string, ComparedFiring[]>()
  #firings = 0
  #objects = 0
  /** Those that wait no longer: how many, and the first of them. */
  #settled = 0
  readonly #first: ComparedFiring[] = []

  constructor(
    private readonly mostTold: number,
    private readonly mostWaiting: number,
  ) {}

  get count(): number {
    return this.#settled + this.#firings
  }

  get first(): readonly ComparedFiring[] {
    const waiting = [...this.#waiting.values()].flat().sort((a, b) => a.at - b.at)
    return [...this.#first, ...waiting].slice(0, this.mostTold)
  }

  add(firing: ComparedFiring): void {
    const key = contentOf(firing)
    const others = this.#waiting.get(key)
    if (others === undefined) this.#waiting.set(key, [firing])
    else others.push(firing)
    this.#count(firing, 1)
    while (this.#objects > this.mostWaiting && this.#firings > 1) this.#settleOldest()
  }

  take(firing: ComparedFiring): boolean {
    const key = contentOf(firing)
    return this.#waiting.has(key) && this.#remove(key) !== undefined
  }

  #settleOldest(): void {
    const [key] = this.#waiting.keys()
    const oldest = key === undefined ? undefined : this.#remove(key)
    if (oldest === undefined) return
    this.#settled += 1
    if (this.#first.length < this.mostTold) this.#first.push(oldest)
  }

  #remove(key: string): ComparedFiring | undefined {
    const others = this.#waiting.get(key)
    const firing = others?.shift()
    if (others?.length === 0) this.#waiting.delete(key)
    if (firing !== undefined) this.#count(firing, -1)
    return firing
  }

  /** A firing of nothing takes room, too. */
  #count({ objects }: ComparedFiring, change: 1 | -1): void {
    this.#firings += change
    this.#objects += change * Math.max(objects.length, 1)
  }
}

/** What makes two firings the same. When they happened does not. */
function contentOf({ fn, partition, objects }: ComparedFiring): string {
  return JSON.stringify([fn, partition.session ?? null, partition.by ?? null, objects.map(({ seq }) => seq)])
}
