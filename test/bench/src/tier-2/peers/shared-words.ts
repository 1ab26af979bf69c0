/** What two threads share: a call with its task and argument, which the result replaces, and an answer. */
export interface Shared {
  readonly call: Int32Array
  readonly answer: Int32Array
  readonly task: Int32Array
  readonly value: Float64Array
}

export function sharedWords(): Shared {
  const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(64))
  return {
    call: words(),
    answer: words(),
    task: words(),
    value: new Float64Array(new SharedArrayBuffer(64)),
  }
}

/** Blocks until a word says that it is this turn. */
export function wait(word: Int32Array, turn: number): void {
  while (Atomics.load(word, 0) !== turn) Atomics.wait(word, 0, turn - 1)
}

/** Says that it is this turn. */
export function wake(word: Int32Array, turn: number): void {
  Atomics.store(word, 0, turn)
  Atomics.notify(word, 0)
}
