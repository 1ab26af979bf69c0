import { type App, defineApp, type FunctionHandle } from '@stigmergy/core'
import { dynamicGroup } from '@stigmergy/dynamic-group'
import { dynamicJoin } from '@stigmergy/dynamic-join'
import {
  type Account,
  type Deal,
  type Definition,
  Desks,
  type FileRange,
  type Job,
  mapTask,
  type Means,
  mostChunks,
  type Reduced,
  reduceTask,
  type Task,
  tasksFor,
} from '@stigmergy/records'
import { coded } from './errors.js'
import type { Progress } from './options.js'

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

/** The metadata of what tells how far a session is: bytes of input, or partitions. */
export type Step = Pick<Progress, 'phase'> & { readonly by: number }

/** Takes a request; replies when all of it is done. */
export type JobApp = App<{ readonly split: FunctionHandle<Request, Reply> }>

/** Tasks that a worker has at a time, so that one computes while the other reads or writes. */
export const tasksPerWorker = 2
/** As many as an object may name as its groups. */
const partitionsPerDeal = 64
/** What waits for the last task is small, or as large as the job allows. */
const atBarrier = { maxPending: 1_000_000, maxPendingBytes: Number.MAX_SAFE_INTEGER }

/** The app of a job: splits, maps chunks, groups what they dealt by partition, reduces, and replies when all is reduced. */
export function appOf<Record, K, V, R>(name: string, definition: Definition<Record, K, V, R>): JobApp {
  const desks = new Desks()
  const atDesk = <T>(signal: AbortSignal, work: (means: Means<Record, K, V, R>) => Promise<T>): Promise<T> =>
    coded(desks.with((desk) => work({ definition, desk, signal })))

  return defineApp(name, (app) => {
    const tasks = app.bucket<Task | Account>('tasks')
    const shuffle = app.bucket<Deal>('shuffle')
    const done = app.bucket<readonly Account[] | Reduced>('done')

    const split = app.fn<Request, Reply>(
      'split',
      async ({ value: { job, chunks } }, { put, closed, signal }) => {
        const all = await atDesk(signal, (means) => tasksFor(chunks, job, means))
        for (const bucket of [tasks, shuffle]) closed(bucket, { scope: 'items', expected: all.length })
        closed(done, { scope: 'items', expected: all[0]!.job.partitions + 1 })
        for (const task of all) await put(tasks, undefined, task, { role: 'item' })
      },
      { puts: [tasks] },
    )

    const map = app.fn<Task | Account>(
      'map',
      async ({ value }, { put, signal }) => {
        const { account, deals } = await atDesk(signal, (means) =>
          mapTask(value as Task, partitionsPerDeal, means),
        )
        for (const deal of deals) await put(shuffle, undefined, deal, { group: groupsOf(deal) })
        await put(tasks, undefined, account, { meta: { phase: 'map', by: account.bytes } satisfies Step })
      },
      { concurrency: tasksPerWorker, puts: [tasks, shuffle] },
    )

    const mapped = app.fn<Task | Account>(
      'mapped',
      async ({ objects }, { put }) => {
        const accounts = objects.map(({ value }) => value as Account)
        await put(done, undefined, accounts, { group: 'all' })
      },
      { puts: [done] },
    )

    const reduce = app.fn<Deal>(
      'reduce',
      async ({ objects, meta }, { put, signal }) => {
        const deals = objects.map(({ value }) => value)
        const reduced = await atDesk(signal, (means) => reduceTask(Number(meta['group']), deals, means))
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

    tasks.when(dynamicJoin({ parallel: map, maxItems: mostChunks }), mapped, atBarrier)
    shuffle.when(dynamicGroup({ producers: 'sealed' }), reduce, atBarrier)
    done.when(dynamicGroup({ producers: 'sealed' }), finish, atBarrier)
    return { split }
  })
}

/** The partitions of a deal: their numbers are the names of the groups. */
function groupsOf({ first, sizes }: Deal): readonly string[] {
  return Array.from(sizes, (_, index) => String(first + index))
}
