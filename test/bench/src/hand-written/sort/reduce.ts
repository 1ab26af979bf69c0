import type { Desk } from './desk.js'
import { withFile } from './files.js'
import type { Deal } from './job.js'
import { sortLarge } from './merge.js'
import { recordsOf, type Slice, sortSlices } from './slices.js'

/** Sorts a range, given what each map task has dealt to it, into its place in the output. Returns how many records it has. */
export async function sortRange(desk: Desk, deals: readonly Deal[], range: number): Promise<number> {
  const { job } = deals[0]!
  const { slices, target } = partsOf(deals, range)
  const records = recordsOf(slices)
  await withFile(job.spill, 'r', (source) =>
    withFile(job.output, 'r+', (output) =>
      records <= job.plan.chunkRecords
        ? sortSlices(desk, source, slices, { file: output, at: target })
        : sortLarge(
            desk,
            source,
            slices,
            { file: output, at: target },
            {
              path: `${job.spill}.${range}`,
              records: job.plan.chunkRecords,
            },
          ),
    ),
  )
  return records
}

/**
 * Where a range stands in the spill file, and where it belongs in the output: behind all records of lower ranges, which is as many
 * as stand before it in all chunks together. So no task has to know more than its own part.
 */
function partsOf(
  deals: readonly Deal[],
  range: number,
): { readonly slices: readonly Slice[]; readonly target: number } {
  const slices: Slice[] = []
  let target = 0
  for (const { from, firstRange, starts } of deals.toSorted((a, b) => a.from - b.from)) {
    const start = starts[range - firstRange]!
    slices.push({ from: from + start, count: starts[range - firstRange + 1]! - start })
    target += start
  }
  return { slices, target }
}
