import { type App, defineApp, type FunctionHandle } from '@stigmergy/core'
import { dynamicGroup } from '@stigmergy/dynamic-group'
import { dynamicJoin } from '@stigmergy/dynamic-join'
import {
  bordersOf,
  type Desk,
  Desks,
  type FileRange,
  sampleOf,
  type Slice,
  SpillFiles,
} from '@stigmergy/records'
import type { Definition } from './definition.js'
import type { Account, Deal, Job, Reduced, Step, Task } from './job.js'
import { mapRecords, mapTask } from './map-task.js'
import { reduceTask } from './reduce-task.js'

/** What a session starts with. */
export interface Request {
  readonly job: Job
  readonly chunks: readonly (readonly FileRange[])[]
}

/** What a session replies. */
export interface Reply {
  readonly accounts: readonly Account[]
  /** In order. */
  readonly partitions: readonly Reduced[]
}

export type JobApp = App<{ readonly split: FunctionHandle<Request, Reply> }>

/** Tasks that a worker has at a time, so that one computes while the other reads or writes. */
export const tasksPerWorker = 2
export const mostTasks = 100_000

/** What waits for the last task is small, or as large as the job allows. */
const atBarrier = { maxPending: 1_000_000, maxPendingBytes: Number.MAX_SAFE_INTEGER }
/** Places of the input that are looked at for each range of keys. */
const placesPerRange = 4
const sampleWindow = 16_384

/** The app of a job: splits, maps chunks, groups what they dealt by partition, reduces, and replies when all is reduced. */
export function appOf<Record, K, V, R>(name: string, definition: Definition<Record, K, V, R>): JobApp {
  const desks = new Desks()
  const spills = new SpillFiles()
  return defineApp(name, (app) => {
    const tasks = app.bucket<Task | Account>('tasks')
    const shuffle = app.bucket<Deal>('shuffle')
    const done = app.bucket<readonly Account[] | Reduced>('done')

    const split = app.fn<Request, Reply>(
      'split',
      async ({ value: { job, chunks } }, { put, closed, signal }) => {
        const sample = (desk: Desk): Promise<readonly Slice[]> =>
          sampleBorders(definition, desk, job, chunks.flat(), signal)
        const borders =
          definition.partition === 'range' ? (await desks.with(sample)).map((border) => border.toBytes()) : []
        const partitions = definition.partition === 'range' ? borders.length + 1 : job.partitions
        for (const bucket of [tasks, shuffle]) closed(bucket, { scope: 'items', expected: chunks.length })
        closed(done, { scope: 'items', expected: partitions + 1 })
        for (const [number, ranges] of chunks.entries())
          await put(
            tasks,
            undefined,
            { job: { ...job, partitions }, number, ranges, borders },
            { role: 'item' },
          )
      },
      { puts: [tasks] },
    )

    const map = app.fn<Task | Account>(
      'map',
      async ({ value }, { put, signal }) => {
        const task = value as Task
        const { account, deals } = await spills.with(task.job.folder, (file) =>
          desks.with((desk) => mapTask(definition, desk, task, file, signal)),
        )
        for (const deal of deals) await put(shuffle, undefined, deal, { group: groupsOf(deal) })
        await put(tasks, undefined, account, { meta: { phase: 'map', by: account.bytes } satisfies Step })
      },
      { concurrency: tasksPerWorker, puts: [tasks, shuffle] },
    )

    const mapped = app.fn<Task | Account>(
      'mapped',
      async ({ objects }, { put }) => {
        await put(
          done,
          undefined,
          objects.map(({ value }) => value as Account),
          { group: 'all' },
        )
      },
      { puts: [done] },
    )

    const reduce = app.fn<Deal>(
      'reduce',
      async ({ objects, meta }, { put, signal }) => {
        const deals = objects.map(({ value }) => value)
        const reduced = await spills.with(deals[0]!.job.folder, (file) =>
          desks.with((desk) => reduceTask(definition, desk, deals, Number(meta['group']), file, signal)),
        )
        await put(done, undefined, reduced, { group: 'all', meta: { phase: 'reduce', by: 1 } satisfies Step })
      },
      { concurrency: tasksPerWorker, puts: [done] },
    )

    const finish = app.fn<readonly Account[] | Reduced, Reply>('finish', ({ objects }, { reply }) => {
      const values = objects.map(({ value }) => value)
      const partitions = values.filter((value) => 'partition' in value)
      reply({
        accounts: values.flatMap((value) => ('partition' in value ? [] : value)),
        partitions: partitions.sort((one, other) => one.partition - other.partition),
      })
    })

    tasks.when(dynamicJoin({ parallel: map, maxItems: mostTasks }), mapped, atBarrier)
    shuffle.when(dynamicGroup({ producers: 'sealed' }), reduce, atBarrier)
    done.when(dynamicGroup({ producers: 'sealed' }), finish, atBarrier)
    return { split }
  })
}

/** Maps some records from all over the input, for the borders of ranges of keys that are about equally full. */
async function sampleBorders<Record, K, V, R>(
  definition: Definition<Record, K, V, R>,
  desk: Desk,
  job: Job,
  input: readonly FileRange[],
  signal: AbortSignal,
): Promise<readonly Slice[]> {
  const ranges = sampleOf(input, job.partitions * placesPerRange, definition.input.size)
  const keys: Slice[] = []
  const window = { bytes: desk.arena(job.taskBytes), room: Math.min(sampleWindow, job.taskBytes) }
  await mapRecords(definition, { job, ranges }, window, signal, (key) =>
    keys.push(definition.key.encode(key).copy()),
  )
  return bordersOf(keys, job.partitions)
}

/** The partitions of a deal: their numbers are the names of the groups. */
function groupsOf({ first, sizes }: Deal): readonly string[] {
  return Array.from(sizes, (_, index) => String(first + index))
}
