import { Order } from './order.js'

/** What a task works with. Fresh memory has to be cleared by the system first, so desks are kept from task to task. */
export class Desk {
  readonly order = new Order()
  #arena: Buffer = Buffer.alloc(0)

  /** So many bytes, with whatever was in them before. */
  arena(bytes: number): Buffer {
    if (this.#arena.length !== bytes) this.#arena = Buffer.allocUnsafeSlow(bytes)
    return this.#arena
  }
}

/** The desks of a worker: as many as it has tasks at a time. */
export class Desks {
  readonly #free: Desk[] = []

  async with<T>(use: (desk: Desk) => Promise<T>): Promise<T> {
    const desk = this.#free.pop() ?? new Desk()
    try {
      return await use(desk)
    } finally {
      this.#free.push(desk)
    }
  }
}
