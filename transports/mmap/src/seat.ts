import type { Mapping } from './mapping.js'
import type { Roster } from './roster.js'
import type { ProcessorCalls } from './system-calls.js'

/** Room for 1,024 processors. */
const maskBytes = 128

/**
 * The processor that this member runs on. Who is woken through a FIFO starts on the one of the waker, which the system takes to be
 * about to sleep. When the waker stays awake, both then share one processor, while another may have nothing to do. So the one of
 * them with the higher number goes there.
 */
export class Seat {
  readonly #calls: ProcessorCalls | undefined
  readonly #yield: () => void
  readonly #roster: Roster
  readonly #member: number
  readonly #allowed = new Uint8Array(maskBytes)

  constructor(mapping: Mapping, roster: Roster, member: number) {
    const { processors } = mapping
    this.#yield = () => mapping.yield()
    this.#roster = roster
    this.#member = member
    const known = processors !== undefined && processors.allowed(this.#allowed) >= 0
    this.#calls = known ? processors : undefined
  }

  /** Lets others on this processor run. */
  yield(): void {
    this.#yield()
  }

  /** Goes to a processor that no other waking member has, when this one is shared with one of a lower number. */
  look(): void {
    if (this.#calls === undefined) return
    const here = this.#calls.current()
    this.#roster.setProcessor(this.#member, here)
    const taken = this.#roster.processorsTaken(this.#member)
    if (!taken.some(({ member, processor }) => processor === here && member < this.#member)) return
    const free = this.#free(new Set(taken.map(({ processor }) => processor)))
    if (free !== undefined) this.#go(this.#calls, free)
  }

  #free(taken: ReadonlySet<number>): number | undefined {
    for (let processor = 0; processor < maskBytes * 8; processor += 1) {
      const byte = this.#allowed[processor >> 3] ?? 0
      if ((byte & (1 << (processor & 7))) !== 0 && !taken.has(processor)) return processor
    }
    return undefined
  }

  /** Only for now: the system may move it on. */
  #go(calls: ProcessorCalls, processor: number): void {
    const there = new Uint8Array(maskBytes)
    there[processor >> 3] = 1 << (processor & 7)
    if (calls.allow(there) !== 0) return
    calls.allow(this.#allowed)
    this.#roster.setProcessor(this.#member, processor)
  }
}
