import { defineRuntime, start } from 'stigmergy'
import { bytes, fixed, mapReduce } from '@stigmergy/mapreduce'
export const sort = mapReduce('sort', {
  input: fixed(100), key: bytes, value: bytes, partition: 'range',
  map: (record, emit) => emit(record.part(0, 10), record.part(10)),
})
const w = Number(process.argv[4])
await using runtime = await start(defineRuntime(w > 1 ? { workers: { kind: 'thread', count: w } } : {}), sort.app)
const t = performance.now()
const report = await sort.run(runtime, { input: process.argv[2]!, output: { file: process.argv[3]! }, memoryBytes: Number(process.argv[5] ?? 128e6) })
console.log(performance.now() - t, report.records, report.skew, report.partitions.length, process.resourceUsage().maxRSS)
