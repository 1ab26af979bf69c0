import type { FileHandle } from 'node:fs/promises'
import { readAt } from './files.js'
import { compareKeys, partOf, recordBytes, type Records } from './record.js'
import type { Slice } from './slices.js'

/** A sorted part of a file, of which some records are held. */
export class Run {
  /** Which of the records in `room` is the next. */
  at = 0
  #held = 0
  #from: number
  #left: number

  constructor(
    /** Of equal records, those of runs with lower numbers come first. */
    readonly number: number,
    private readonly file: FileHandle,
    { from, count }: Slice,
    readonly room: Records,
  ) {
    this.#from = from
    this.#left = count
  }

  /** Goes to the next record that is held; tells whether there is one. */
  advance(): boolean {
    this.at += 1
    return this.at < this.#held
  }

  /** Reads the next records; tells whether there are any. */
  async fill(): Promise<boolean> {
    const count = Math.min(this.room.bytes.length / recordBytes, this.#left)
    await readAt(this.file, partOf(this.room, 0, count).bytes, this.#from * recordBytes)
    this.#from += count
    this.#left -= count
    this.#held = count
    this.at = 0
    return count > 0
  }

  comesBefore(other: Run): boolean {
    const order = compareKeys(
      this.room.bytes,
      this.at * recordBytes,
      other.room.bytes,
      other.at * recordBytes,
    )
    return order < 0 || (order === 0 && this.number < other.number)
  }
}

/** Runs, the one with the lowest record first. */
export class RunHeap {
  readonly #runs: Run[]

  constructor(runs: readonly Run[]) {
    this.#runs = [...runs].sort((a, b) => (a.comesBefore(b) ? -1 : 1))
  }

  get first(): Run | undefined {
    return this.#runs[0]
  }

  /** Takes the first run out. */
  drop(): void {
    const last = this.#runs.pop()
    if (last === undefined || this.#runs.length === 0) return
    this.#runs[0] = last
    this.sink()
  }

  /** Puts the first run, which has a new record, where it belongs. */
  sink(): void {
    const runs = this.#runs
    const run = runs[0]!
    let place = 0
    for (let child = 1; child < runs.length; child = 2 * place + 1) {
      if (child + 1 < runs.length && runs[child + 1]!.comesBefore(runs[child]!)) child += 1
      if (!runs[child]!.comesBefore(run)) break
      runs[place] = runs[child]!
      place = child
    }
    runs[place] = run
  }
}
