import { Sorter } from './order.js'
import { recordBytes, type Records, roomFor } from './record.js'

/** What a task works with: room for what it reads and for what it writes, and a sorter. */
export class Desk {
  readonly sorter = new Sorter()
  #read = roomFor(0)
  #written = roomFor(0)

  /** Room for `count` records to read, which is what was read before. */
  roomToRead(count: number): Records {
    if (this.#read.bytes.length < count * recordBytes) this.#read = roomFor(count)
    return this.#read
  }

  /** Room for `count` records to write. */
  roomToWrite(count: number): Records {
    if (this.#written.bytes.length < count * recordBytes) this.#written = roomFor(count)
    return this.#written
  }
}

/** The desks of a worker. New room has to be cleared by the system first, so it is kept from task to task. */
export class Desks {
  readonly #free: Desk[] = []

  /** Lends a desk to `use`; there are as many as are in use at one time. */
  async with<T>(use: (desk: Desk) => Promise<T>): Promise<T> {
    const desk = this.#free.pop() ?? new Desk()
    try {
      return await use(desk)
    } finally {
      this.#free.push(desk)
    }
  }
}
