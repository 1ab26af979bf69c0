/** Brings answers that come as messages to those who wait for them. */
export class Answers {
  readonly #waiting = new Map<number, (value: number) => void>()
  #last = 0

  /** Makes up an id, has the message with it sent, and waits for its answer. */
  expect(send: (id: number) => void): Promise<number> {
    const id = ++this.#last
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      send(id)
    })
  }

  resolve(id: number, value: number): void {
    this.#waiting.get(id)?.(value)
    this.#waiting.delete(id)
  }
}

/** Gives one of several, each in its turn. */
export function inTurn<T>(items: readonly T[]): () => T {
  let next = 0
  return () => items[next++ % items.length]!
}
