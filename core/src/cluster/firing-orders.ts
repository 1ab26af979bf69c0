import type { FiringOrder } from './firing-order.js'

/** The firings of a shared bucket that are not done, oldest first. Those of one lane run one after the other. */
export class FiringOrders {
  readonly #orders = new Map<string, FiringOrder>()
  readonly #lanes = new Map<string, string[]>()

  get size(): number {
    return this.#orders.size
  }

  [Symbol.iterator](): IterableIterator<FiringOrder> {
    return this.#orders.values()
  }

  find(id: string): FiringOrder | undefined {
    return this.#orders.get(id)
  }

  /** Whether it is the firing's turn, and it is not done. */
  mayRun(id: string): boolean {
    const order = this.#orders.get(id)
    return order !== undefined && (order.lane === undefined || this.#lanes.get(order.lane)?.[0] === id)
  }

  add(order: FiringOrder): void {
    const { id, lane } = order
    this.#orders.set(id, order)
    if (lane !== undefined) this.#lanes.set(lane, [...(this.#lanes.get(lane) ?? []), id])
  }

  /** Its trigger knows that its function has failed, and has provided for it or not. */
  failed(order: FiringOrder, absorbed: boolean): void {
    this.#orders.set(order.id, { ...order, absorbed })
  }

  /** It is done. The next of its lane, whose turn it is. */
  end({ id, lane }: FiringOrder): FiringOrder | undefined {
    this.#orders.delete(id)
    if (lane === undefined) return undefined
    const left = this.#lanes.get(lane)!.filter((other) => other !== id)
    if (left.length > 0) this.#lanes.set(lane, left)
    else this.#lanes.delete(lane)
    return this.#orders.get(left[0] ?? '')
  }
}
