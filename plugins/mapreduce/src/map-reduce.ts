import { join } from 'node:path'
import {
  filesOf,
  intoFile,
  intoFolder,
  json,
  type PairCodec,
  pairsOf,
  TemporaryFolder,
} from '@stigmergy/records'
import { appOf, type JobApp, type Reply } from './app.js'
import { checkDefinition, type Definition } from './definition.js'
import { failureOf } from './errors.js'
import type { Target } from './job.js'
import { checkedOptions, checkOutput, type CheckedOptions, type JobOptions, type Output } from './options.js'
import { requestFor } from './plan.js'
import { type JobReport, reportOf } from './report.js'
import { type JobHost, replyOf } from './session.js'

/** Keys and results, partition by partition, and the report at last. */
export type Results<K, R> = AsyncGenerator<readonly [key: K, result: R], JobReport, undefined>

/**
 * A job. Its runs throw `STG_CONFIG_INVALID` for wrong options, `STG_MAPREDUCE_INPUT` for what cannot be read, `STG_MAPREDUCE_RECORD`
 * for what map or reduce throw, and `STG_SESSION_CANCELLED`. They leave no temporary file, and nothing of an output that has failed.
 */
export interface MapReduce<K, R> {
  /** What a runtime that runs the job must be started with, or the nodes of the cluster. */
  readonly app: JobApp
  run(host: JobHost, options: JobOptions & { readonly output: Output<K, R> }): Promise<JobReport>
  /** Runs the job when the first result is asked for. */
  results(host: JobHost, options: JobOptions): Results<K, R>
}

/** Defines a job. Call it at the top level of a module, because each worker imports that. Throws `STG_CONFIG_*`. */
export function mapReduce<Record, K, V, R = V>(
  name: string,
  definition: Definition<Record, K, V, R>,
): MapReduce<K, R> {
  checkDefinition(definition)
  return new DefinedJob(appOf(name, definition), definition)
}

class DefinedJob<Record, K, V, R> implements MapReduce<K, R> {
  constructor(
    readonly app: JobApp,
    private readonly definition: Definition<Record, K, V, R>,
  ) {}

  async run(host: JobHost, given: JobOptions & { readonly output: Output<K, R> }): Promise<JobReport> {
    const { output, ...others } = given
    if (typeof output === 'function') return this.#call(output, this.results(host, others))
    const options = checkedOptions(others)
    await checkOutput(output, this.definition)
    await using folder = await TemporaryFolder.in(options.temporary, 'mapreduce-')
    const into = async (target: Target): Promise<JobReport> =>
      reportOf(await this.#reply(host, options, target, folder.path))
    return 'folder' in output
      ? await intoFolder(output.folder, (path) => into({ folder: path }))
      : await intoFile(output.file, (path) => into({ file: path }))
  }

  async *results(host: JobHost, given: JobOptions): Results<K, R> {
    const options = checkedOptions(given)
    await using folder = await TemporaryFolder.in(options.temporary, 'mapreduce-')
    const reply = await this.#reply(host, options, 'caller', folder.path)
    const { key, reduce, value } = this.definition
    // Without reduce each value is a result.
    const { result = reduce === undefined ? (value as unknown as PairCodec<R>) : json<R>() } = this.definition
    for (const pair of pairsOf(reply.partitions.flatMap((partition) => partition.results)))
      yield [key.decode(pair.key), result.decode(pair.value)]
    return reportOf(reply)
  }

  async #call(call: (key: K, result: R) => void | Promise<void>, results: Results<K, R>): Promise<JobReport> {
    try {
      for (;;) {
        const next = await results.next()
        if (next.done === true) return next.value
        await call(...next.value)
      }
    } finally {
      await results.return(undefined as never)
    }
  }

  async #reply(host: JobHost, options: CheckedOptions, target: Target, folder: string): Promise<Reply> {
    try {
      const files = await filesOf(options.input, join(folder, 'input'), options.signal)
      const place = { folder, target, workers: 'workers' in host ? host.workers.length : 1 }
      return await replyOf(host, this.app, requestFor(this.definition, files, options, place), options)
    } catch (failure) {
      throw failureOf(failure)
    }
  }
}
