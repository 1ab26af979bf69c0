import { defineRuntime, start } from 'stigmergy'
import { byPrefix, bytes, fixed, mapReduce } from '@stigmergy/mapreduce'
export const sort = mapReduce('sort', {
  input: fixed(100), key: bytes, value: bytes, partition: 'range',
  map: byPrefix(10),
})
const w = Number(process.argv[4])
const t0 = performance.now()
await using runtime = await start(defineRuntime(w > 1 ? { workers: { kind: 'thread', count: w } } : {}), sort.app)
const t = performance.now()
let first = 0, mapped = 0
const report = await sort.run(runtime, { input: process.argv[2]!, output: { file: process.argv[3]! }, memoryBytes: Number(process.argv[5] ?? 128e6), onProgress: ({phase}) => { first ||= performance.now() - t; if (phase === 'map') mapped = performance.now() - t } })
console.log('start', t - t0, 'first', first, 'mapped', mapped, 'all', performance.now() - t, report.records, report.skew, report.partitions.length, process.resourceUsage().maxRSS)
