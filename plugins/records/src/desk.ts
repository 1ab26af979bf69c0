import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AppendFile } from './append-file.js'
import { Order } from './order.js'

/** What a task works with. Fresh memory has to be cleared by the system first, so desks are kept from task to task. */
export class Desk {
  readonly order = new Order()
  readonly #name = randomUUID()
  #arena: Buffer = Buffer.alloc(0)

  /** So many bytes, with whatever was in them before. */
  arena(bytes: number): Buffer {
    if (this.#arena.length !== bytes) this.#arena = Buffer.allocUnsafeSlow(bytes)
    return this.#arena
  }

  /** The file of this desk in a folder, to be written behind what earlier tasks have left there. */
  spill(folder: string): AppendFile {
    return new AppendFile(join(folder, this.#name), 'a')
  }
}

/** The desks of a worker: as many as it has tasks at a time. */
export class Desks {
  readonly #free: Desk[] = []

  /** Lends a desk to a task. */
  async with<T>(use: (desk: Desk) => Promise<T>): Promise<T> {
    const desk = this.#free.pop() ?? new Desk()
    try {
      return await use(desk)
    } finally {
      this.#free.push(desk)
    }
  }
}
