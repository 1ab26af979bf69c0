import { writeFileSync } from 'node:fs'
import test from 'ava'
import type { RuntimeConfig } from 'stigmergy'
import { Here, resultsOf, runtimeFor } from './here.js'
import { counts, failing, jobs } from './jobs.js'

const tiers: Readonly<Record<string, RuntimeConfig>> = {
  'one worker': {},
  'two processes': { workers: { kind: 'process', count: 2 } },
}
const lines = Array.from({ length: 80_000 }, (_, at) => `key-${(at * 7) % 101} line ${at}`)

for (const [tier, config] of Object.entries(tiers))
  test(`the same comes out on ${tier}`, async (t) => {
    const here = new Here(t)
    const runtime = await runtimeFor(t, config)
    const input = here.path('input')
    writeFileSync(input, lines.join('\n'))
    const options = { input, temporary: here.temporary, chunkBytes: 100_000, partitions: 4 }
    const counted = new Map(await resultsOf(counts, runtime, options))
    t.is(counted.size, 101)
    t.is(
      [...counted.values()].reduce((sum, count) => sum + count, 0),
      80_000,
    )
    const ordered = await resultsOf(jobs.range, runtime, { ...options, memoryBytes: 1 })
    t.deepEqual(
      ordered.map(([key]) => key),
      [...counted.keys()].sort(),
    )
    t.deepEqual(ordered.flatMap(([, all]) => all).sort(), [...lines].sort())

    writeFileSync(input, 'fine\nreduce\n')
    await t.throwsAsync(() => resultsOf(failing, runtime, options), {
      code: 'STG_MAPREDUCE_RECORD',
      message: /reduce was told to/,
    })
    t.deepEqual(here.left, [])
  })
