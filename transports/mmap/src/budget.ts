/** After so many frames, or so many ms, timers and I/O get their turn. */
const perTurn = { frames: 256, ms: 1 }

/** How much more may be received in this turn. */
export class Budget {
  #frames: number = perTurn.frames
  readonly #endMs = performance.now() + perTurn.ms

  /** Takes one frame off. False when none may be received any more. */
  take(): boolean {
    if (this.#frames === 0) return false
    if (this.#frames < perTurn.frames && performance.now() > this.#endMs) return false
    this.#frames -= 1
    return true
  }

  get some(): boolean {
    return this.#frames < perTurn.frames
  }
}
