/** What the options of a primitive suggest that its histories should talk about. */
export interface Vocabulary {
  /** Keys, groups and producers. */
  readonly names: readonly string[]
  /** Sizes. */
  readonly counts: readonly number[]
  /** ms. */
  readonly durations: readonly number[]
  /** Timers may ring so often that longer times take too long to pass; in ms. */
  readonly longestWalk: number
}

/** How often a timer that rings with the smallest of the durations may ring. */
const mostRings = 1_000
/** More of a long list adds nothing. */
const mostNames = 12
const largestCount = 40
const longestMs = 366 * 86_400_000

/** Collects the texts and numbers in the options, however deep. */
export function vocabularyOf(options: unknown): Vocabulary {
  const names = new Set<string>()
  const numbers = new Set<number>()
  collect(options, names, numbers)
  const near = [...numbers].flatMap((number) => [number, number + 1, number - 1])
  const smallest = Math.min(...[...numbers].filter((number) => number >= 1), longestMs)
  return {
    longestWalk: mostRings * smallest,
    names: [...names].slice(0, mostNames).flatMap(named),
    counts: [...new Set([1, 2, 3, ...near])].filter((count) => isWithin(count, 1, largestCount)),
    durations: [...new Set([1, 10, ...near, ...[...numbers].map((number) => 2 * number)])].filter((ms) =>
      isWithin(ms, 1, longestMs),
    ),
  }
}

function collect(value: unknown, names: Set<string>, numbers: Set<number>): void {
  if (typeof value === 'string') names.add(value)
  else if (typeof value === 'number') numbers.add(value)
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) collect(part, names, numbers)
}

/** A text may be a name, or the beginning or the pattern of one. */
function named(text: string): readonly string[] {
  const filled = text.replaceAll(/[*?]/g, 'x')
  return filled === '' ? [] : filled === text ? [text, `${text}1`] : [filled]
}

function isWithin(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to
}
