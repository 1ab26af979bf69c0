import { primitive, type Warning } from '@stigmergy/core'
import { z } from 'zod'
import { Batch, batchMeta } from './batch.js'
import { brokenBatch, mutant } from './mutant.js'
import { batchSubject } from './batch.js'

@primitive({ ...batchMeta, options: z.object({ size: z.int().min(1), waitMs: z.int().min(1) }) })
class TakesUnknownFields extends Batch {}

@primitive({ ...batchMeta, options: z.strictObject({ size: z.int(), waitMs: z.int() }) })
class TakesNone extends Batch {}

@primitive({ ...batchMeta, options: z.strictObject({ size: z.int().min(2), waitMs: z.int().min(1) }) })
class RefusesOne extends Batch {}

@primitive({
  ...batchMeta,
  analyze: () => [{ code: 'hm', message: 'hm', remedy: 'hm' } as unknown as Warning],
})
class WarnsInItsOwnWords extends Batch {}

@primitive({ ...batchMeta, targets: () => [''] })
class NamesNoFunction extends Batch {}

/** Primitives that declare something wrong. */
export const declarationMutants = [
  brokenBatch('takes options that it does not know', 'C12 options', TakesUnknownFields),
  brokenBatch('takes a size of nothing', 'C12 options', TakesNone),
  brokenBatch('refuses valid options', 'C12 options', RefusesOne),
  brokenBatch('warns with a code of its own', 'P22 metadata', WarnsInItsOwnWords),
  brokenBatch('names a function without a name', 'P22 metadata', NamesNoFunction),
  mutant('names other functions than its author says', 'P22 metadata', {
    ...batchSubject,
    targets: ['elsewhere'],
  }),
]
