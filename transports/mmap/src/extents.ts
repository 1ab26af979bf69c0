import { segment } from './layout.js'

/** A part of a segment. */
export interface Extent {
  readonly offset: number
  readonly bytes: number
  /** How many of its bytes, from the start, may not be zeros. The ones behind were never used. */
  readonly usedBytes: number
}

/**
 * Which parts of a segment are free. Sizes come in classes, eight to each doubling, and what is given back is found again by its
 * class. Only when that finds nothing are neighbours joined and cut anew.
 */
export class Extents {
  readonly #byClass: number[][] = []
  /** What joining gave, of any size. */
  #loose: Span[] = []
  /** No loose part is larger, in units. */
  #loosest = 0
  /** From here on nothing is taken, in units. */
  #end: number
  /** From here on nothing was ever taken, in units. */
  #used: number
  /** Units that are in `#byClass`. */
  #classed = 0
  readonly #first: number
  readonly #limit: number

  constructor(start: number, end: number) {
    this.#first = start / unit
    this.#limit = Math.floor(end / unit)
    this.#end = this.#first
    this.#used = this.#first
  }

  take(bytes: number): Extent | undefined {
    const size = classOf(bytes)
    const at = this.#byClass[size.index]?.pop()
    if (at !== undefined) {
      this.#classed -= size.units
      return this.#extent(at, size.units)
    }
    return this.#takeEnd(size.units) ?? this.#takeLoose(size.units) ?? this.#takeJoined(size.units)
  }

  give({ offset, bytes }: Extent): void {
    const size = classOf(bytes)
    const free = (this.#byClass[size.index] ??= [])
    free.push(offset / unit)
    this.#classed += size.units
  }

  /** Everything has been given back. */
  reset(): void {
    this.#byClass.length = 0
    this.#loose = []
    this.#classed = 0
    this.#end = this.#first
  }

  #takeEnd(units: number): Extent | undefined {
    if (this.#end + units > this.#limit) return undefined
    const at = this.#end
    this.#end += units
    const extent = this.#extent(at, units)
    if (this.#end > this.#used) this.#used = this.#end
    return extent
  }

  #takeLoose(units: number): Extent | undefined {
    if (units > this.#loosest) return undefined
    const index = this.#loose.findIndex((span) => span.units >= units)
    const span = this.#loose[index]
    if (span === undefined) {
      this.#loosest = units - 1
      return undefined
    }
    if (span.units === units) this.#loose.splice(index, 1)
    else this.#loose[index] = { at: span.at + units, units: span.units - units }
    return this.#extent(span.at, units)
  }

  #takeJoined(units: number): Extent | undefined {
    // Joining sorts all that is free, so it must promise something.
    if (this.#classed * 4 < units) return undefined
    this.#join()
    return this.#takeEnd(units) ?? this.#takeLoose(units)
  }

  #join(): void {
    const classed = this.#byClass.flatMap((free, index) => free.map((at) => ({ at, units: unitsOf(index) })))
    this.#byClass.length = 0
    this.#classed = 0
    const joined = joinSpans([...this.#loose, ...classed])
    const last = joined.at(-1)
    if (last !== undefined && last.at + last.units === this.#end) {
      this.#end = last.at
      joined.pop()
    }
    this.#loose = joined
    this.#loosest = this.#limit
  }

  #extent(at: number, units: number): Extent {
    const usedBytes = Math.min(units, Math.max(0, this.#used - at)) * unit
    return { offset: at * unit, bytes: units * unit, usedBytes }
  }
}

const unit = segment.unitBytes

interface Span {
  readonly at: number
  readonly units: number
}

interface SizeClass {
  readonly index: number
  readonly units: number
}

/** What a block of this many bytes takes. */
export function blockBytes(bytes: number): number {
  return classOf(bytes).units * unit
}

/** Up to 16 units there is a class for each number of them, above that eight classes from one power of two to the next. */
function classOf(bytes: number): SizeClass {
  const units = Math.max(1, Math.ceil(bytes / unit))
  if (units <= 16) return { index: units - 1, units }
  const shift = 28 - Math.clz32(units - 1)
  const steps = Math.ceil(units / 2 ** shift)
  return { index: shift * 8 + steps - 1, units: steps * 2 ** shift }
}

/** The size of a class: from 9 to 16 steps of a power of two. */
function unitsOf(index: number): number {
  if (index < 16) return index + 1
  const shift = Math.floor((index - 8) / 8)
  return (index + 1 - shift * 8) * 2 ** shift
}

function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  for (const span of spans.toSorted((one, other) => one.at - other.at)) {
    const last = joined.at(-1)
    if (last !== undefined && last.at + last.units === span.at)
      joined[joined.length - 1] = { at: last.at, units: last.units + span.units }
    else joined.push(span)
  }
  return joined
}
