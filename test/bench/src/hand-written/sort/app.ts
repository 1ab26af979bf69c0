import { defineApp, dynamicGroup, immediate } from 'stigmergy'
import { Desks } from './desk.js'
import { withFile } from './files.js'
import type { Deal, Job } from './job.js'
import { chunkLength, dealChunk, dealsOf } from './map.js'
import { tasksPerWorker } from './plan.js'
import { Ranges } from './ranges.js'
import { sortRange } from './reduce.js'
import { sampleBorders } from './sample.js'

/** The work of a map task. */
interface Chunk {
  readonly job: Job
  /** Where it begins, in records. */
  readonly from: number
  readonly borders: Uint8Array
}

/** What the objects of `progress` say in their metadata. */
export type Progress = { readonly records: number }

/** An object may belong to so many groups. */
const rangesPerDeal = 64

/** What waits for the last map task is small, however many there are: places, not records. */
const atBarrier = { maxPendingBytes: Number.MAX_SAFE_INTEGER }

/**
 * Sorts the records of a file. A session that begins with `split` replies with their number when the output is complete. No
 * record is ever a value, only where it stands. `progress` gets an object from every task, with the number of records that it had.
 */
export const sortApp = defineApp('sort', (app) => {
  const desks = new Desks()
  const chunks = app.bucket<Chunk>('chunks')
  const shuffle = app.bucket<Deal>('shuffle')
  const sorted = app.bucket<number>('sorted')
  const progress = app.bucket<null>('progress')

  const split = app.fn<Job, number>(
    'split',
    async ({ value: job }, { put, closed, reply }) => {
      const { records, plan } = job
      if (records === 0) return reply(0)
      const borders = await withFile(job.input, 'r', (file) => sampleBorders(file, records, plan.ranges))
      closed(shuffle, { scope: 'items', expected: Math.ceil(records / plan.chunkRecords) })
      closed(sorted, { scope: 'items', expected: new Ranges(borders).count })
      for (let from = 0; from < records; from += plan.chunkRecords)
        await put(chunks, undefined, { job, from, borders })
    },
    { puts: [chunks] },
  )

  const map = app.fn<Chunk>(
    'map',
    async ({ value: { job, from, borders } }, { put }) => {
      const starts = await desks.with((desk) => dealChunk(desk, job, from, new Ranges(borders)))
      for (const deal of dealsOf(job, from, starts, rangesPerDeal))
        await put(shuffle, undefined, deal, { group: groupsOf(deal) })
      await put(progress, undefined, null, { meta: { records: chunkLength(job, from) } })
    },
    { concurrency: tasksPerWorker, puts: [shuffle] },
  )

  const reduce = app.fn<Deal>(
    'reduce',
    async ({ objects, meta }, { put }) => {
      const deals = objects.map(({ value }) => value)
      const records = await desks.with((desk) => sortRange(desk, deals, Number(meta['group'])))
      await put(progress, undefined, null, { meta: { records } })
      await put(sorted, undefined, records, { group: 'all' })
    },
    { concurrency: tasksPerWorker, puts: [sorted] },
  )

  const finish = app.fn<number, number>('finish', ({ objects }, { reply }) => {
    reply(objects.reduce((sum, { value }) => sum + value, 0))
  })

  chunks.when(immediate(), map)
  shuffle.when(dynamicGroup({ producers: 'sealed' }), reduce, atBarrier)
  sorted.when(dynamicGroup({ producers: 'sealed' }), finish)
  return { split, progress }
})

/** The ranges of a deal: their numbers are the names of the groups. */
function groupsOf({ firstRange, starts }: Deal): readonly string[] {
  return Array.from({ length: starts.length - 1 }, (_, index) => String(firstRange + index))
}
