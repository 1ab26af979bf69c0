import type { StoreHandle } from '@stigmergy/core'
import fc from 'fast-check'
import { forAll } from '../runner.js'
import { turn, until } from '../waiting.js'
import { Depot, Puts, type ObjectStoreSubject } from './depot.js'

/** One step of a random run. `pick` chooses among the values that are held. */
type Step =
  | { readonly do: 'put'; readonly part: number }
  | { readonly do: 'retain' | 'release' | 'open'; readonly pick: number }

/** A handle with the holds that the run has on it. Several may be of one value. */
export interface Held {
  readonly handle: StoreHandle
  readonly value: Uint8Array
  holds: number
}

/** What a run knows of a store after each step. */
export interface History {
  readonly depot: Depot
  readonly held: readonly Held[]
  /** Puts that wait. */
  readonly waiting: number
}

/** Puts, retains, opens and releases at random on one window, ends every hold, and calls `judge` after each step. */
export async function history(subject: ObjectStoreSubject, judge: (history: History) => void): Promise<void> {
  await forAll(subject, fc.array(step(), { maxLength: 80, size: 'max' }), async (steps) => {
    await using depot = await Depot.create(subject)
    const run = new Run(depot)
    for (const next of steps) judge(await run.take(next))
    while (!run.over) judge(await run.releaseNext())
  })
}

function step(): fc.Arbitrary<Step> {
  const put = fc.record({ do: fc.constant('put' as const), part: fc.constantFrom(0, 0.001, 0.01, 0.1, 0.3) })
  const use = fc.record({ do: fc.constantFrom('retain', 'release', 'release', 'open'), pick: fc.nat() })
  return fc.oneof(put, use)
}

class Run {
  readonly #depot: Depot
  readonly #limitBytes: number
  readonly #values: Uint8Array[] = []
  readonly #puts = new Puts()
  #held: Held[] = []
  #seen = 0

  constructor(depot: Depot) {
    this.#depot = depot
    this.#limitBytes = depot.store.usage.limitBytes
  }

  get over(): boolean {
    return this.#held.length === 0 && this.#seen === this.#values.length
  }

  async take(step: Step): Promise<History> {
    if (step.do === 'put') this.#put(step.part)
    else this.#use(step.do, step.pick)
    await turn()
    this.#holdAdmitted()
    return { depot: this.#depot, held: this.#held, waiting: this.#values.length - this.#seen }
  }

  /** Releases the value that is held longest, and waits for one if all puts wait. */
  async releaseNext(): Promise<History> {
    const holdsAny = (): boolean => {
      this.#holdAdmitted()
      return this.#held.length > 0
    }
    await until(holdsAny, this.#depot.deadlineMs, 'The admission of a put that waits')
    return this.take({ do: 'release', pick: 0 })
  }

  #put(part: number): void {
    const value = new Uint8Array(Math.floor(part * this.#limitBytes)).fill(this.#values.length + 1)
    this.#values.push(value)
    this.#puts.add(this.#depot.store.put(value, value.length))
  }

  #use(action: 'retain' | 'release' | 'open', pick: number): void {
    const held = this.#held[pick % this.#held.length]
    if (held === undefined) return
    const { store } = this.#depot
    if (action === 'open') {
      this.#held.push({ handle: store.open(store.describe(held.handle)), value: held.value, holds: 1 })
      return
    }
    store[action](held.handle)
    held.holds += action === 'retain' ? 1 : -1
    this.#held = this.#held.filter(({ holds }) => holds > 0)
  }

  #holdAdmitted(): void {
    for (const { number, handle } of this.#puts.admitted.slice(this.#seen))
      this.#held.push({ handle, value: this.#values[number] ?? new Uint8Array(), holds: 1 })
    this.#seen = this.#puts.admitted.length
  }
}
