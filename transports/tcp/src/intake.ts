/**
 * Where the bytes of a connection go: into one array after the other, exactly, so that none has to be moved again. There is always an
 * array to fill: what is called when one is full names the next.
 */
export class Intake {
  #target: Uint8Array = new Uint8Array(1)
  #filled = 0
  #full: () => void = () => undefined
  #each: ((bytes: Uint8Array) => void) | undefined

  /** Fills `target`, which has one byte at least. `each` is called with the bytes as they come. */
  fill(target: Uint8Array, full: () => void, each?: (bytes: Uint8Array) => void): void {
    this.#target = target
    this.#filled = 0
    this.#full = full
    this.#each = each
  }

  /** Where the next bytes go; never empty. */
  get room(): Uint8Array {
    return this.#filled === 0 ? this.#target : this.#target.subarray(this.#filled)
  }

  /** So many bytes have been written to the beginning of `room`. */
  take(bytes: number): void {
    const from = this.#filled
    this.#filled += bytes
    this.#each?.(this.#target.subarray(from, this.#filled))
    if (this.#filled === this.#target.length) this.#full()
  }
}
