/** Messages further apart than this are not waited for awake, in ms. */
const closeTogetherMs = 0.2

/** One pause says little: it counts as this much at most, so that a few messages close together follow it up. */
const longestGapMs = 1

/** How much the newest gap weighs in the average. */
const weight = 0.25

/**
 * Whether it pays to stay awake. A wake-up costs some 30 µs, a look at the rings less than one, so while messages come close together
 * it is cheaper and faster to look again and again: for three times the usual gap. When they are further apart than a sleep takes,
 * looking would only delay the sleep, and warm the room.
 */
export class Pace {
  #lastMs = -Infinity
  #gapMs = longestGapMs

  /** Called when messages have come. */
  arrived(nowMs: number): void {
    const gapMs = Math.min(nowMs - this.#lastMs, longestGapMs)
    this.#gapMs += (gapMs - this.#gapMs) * weight
    this.#lastMs = nowMs
  }

  /** Whether the next message is likely to come so soon that it is worth to wait for it awake. */
  isHot(nowMs: number): boolean {
    return this.#gapMs < closeTogetherMs && nowMs - this.#lastMs < 3 * this.#gapMs
  }
}
