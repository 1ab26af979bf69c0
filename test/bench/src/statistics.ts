/** How figures spread. */
export interface Summary {
  readonly median: number
  readonly p99: number
  readonly min: number
  readonly max: number
}

/** The summary of at least one figure. */
export function summarise(figures: readonly number[]): Summary {
  if (figures.length === 0) throw new RangeError('There is no summary of no figures')
  const sorted = Float64Array.from(figures).sort()
  return {
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
  }
}

/** The value below which the given share of the figures lies, interpolated between neighbours. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1)
  const below = sorted[Math.floor(position)] ?? NaN
  const above = sorted[Math.ceil(position)] ?? NaN
  return below + (above - below) * (position % 1)
}
