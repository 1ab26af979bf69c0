import type { Block } from './arena.js'

/** Blocks that this window is done with and others still hold. They say nothing when they are done, so somebody has to look. */
export class Lingering {
  readonly #blocks: Block[] = []
  #next = 0

  /** `free` takes a block back if nobody holds it, and returns whether it did. */
  constructor(private readonly free: (block: Block) => boolean) {}

  get size(): number {
    return this.#blocks.length
  }

  add(block: Block): void {
    if (block.lingers) return
    block.lingers = true
    this.#blocks.push(block)
  }

  /** Looks at the next few, all of them in turn over time, and returns whether any was free. */
  look(count: number): boolean {
    let freed = false
    for (let looked = Math.min(count, this.size); looked > 0; looked -= 1) freed = this.#lookAtNext() || freed
    return freed
  }

  #lookAtNext(): boolean {
    if (this.#next >= this.#blocks.length) this.#next = 0
    const block = this.#blocks[this.#next]
    if (block === undefined || !this.free(block)) {
      this.#next += 1
      return false
    }
    const last = this.#blocks.pop()
    if (last !== undefined && last !== block) this.#blocks[this.#next] = last
    block.lingers = false
    return true
  }
}
