/** Times of a log as people read them: since its first event. */
export class Moments {
  #first: number | undefined
  /** The latest time so far, ms since epoch. */
  last = 0

  /** Notes the time of one event. */
  take(at: number): void {
    this.#first ??= at
    this.last = Math.max(this.last, at)
  }

  /** Such as `    12 ms`. */
  text(at: number): string {
    return `${at - (this.#first ?? at)} ms`.padStart(9)
  }
}

/** The last of many lines; how many came before them is told. */
export class LastLines {
  readonly #lines: string[] = []
  #left = 0

  constructor(private readonly limit: number) {}

  add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length <= this.limit) return
    this.#lines.shift()
    this.#left += 1
  }

  get all(): readonly string[] {
    const more = this.#left === 0 ? [] : [`  … ${this.#left} before these; --last shows more`]
    return [...more, ...this.#lines]
  }
}
