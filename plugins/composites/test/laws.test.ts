import test from 'ava'
import { composites } from '../src/index.js'
import { algebraLaws } from './laws/index.js'

const runs = Number(process.env['STIGMERGY_RUNS'] ?? 500)

for (const { name, check } of algebraLaws)
  test(name, (t) => {
    t.notThrows(() => check(composites, { runs }))
  })
