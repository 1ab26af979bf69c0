import type { Clock, Timer } from '@stigmergy/core'
import type { Block } from './arena.js'

/** How often somebody looks who has nothing else to do, in ms: often while there is something to find. */
const soonestMs = 4
const latestMs = 256
/** How many blocks are looked at then: some microseconds' work. */
const lookedAt = 256

export interface LingeringParts {
  readonly clock: Clock
  /** Takes a block back if nobody holds it, and returns whether it did. */
  readonly free: (block: Block) => boolean
  /** Blocks were free. */
  readonly onFree: () => void
}

/** Blocks that this window is done with and others still hold. They say nothing when they are done, so somebody has to look. */
export class Lingering {
  readonly #blocks: Block[] = []
  #next = 0
  #pauseMs = soonestMs
  #timer: Timer | undefined

  constructor(private readonly parts: LingeringParts) {}

  get size(): number {
    return this.#blocks.length
  }

  add(block: Block): void {
    if (block.lingers) return
    block.lingers = true
    this.#blocks.push(block)
    if (this.#timer === undefined) this.#arm()
  }

  /** Looks at the next few, all of them in turn over time, and returns whether any was free. */
  look(count: number): boolean {
    let freed = false
    for (let looked = Math.min(count, this.size); looked > 0; looked -= 1) freed = this.#lookAtNext() || freed
    return freed
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** A window that puts looks as it goes. This is for one that does not: others may wait for the room. */
  #arm(): void {
    const { clock } = this.parts
    this.#timer = clock.setTimer(clock.now() + this.#pauseMs, () => {
      this.#timer = undefined
      const freed = this.look(lookedAt)
      this.#pauseMs = freed ? soonestMs : Math.min(this.#pauseMs * 2, latestMs)
      if (freed) this.parts.onFree()
      if (this.size > 0 && this.#timer === undefined) this.#arm()
    })
  }

  #lookAtNext(): boolean {
    if (this.#next >= this.#blocks.length) this.#next = 0
    const block = this.#blocks[this.#next]
    if (block === undefined || !this.parts.free(block)) {
      this.#next += 1
      return false
    }
    const last = this.#blocks.pop()
    if (last !== undefined && last !== block) this.#blocks[this.#next] = last
    block.lingers = false
    return true
  }
}
