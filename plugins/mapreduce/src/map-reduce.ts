import {
  type Definition,
  intoFile,
  intoFolder,
  pairsOf,
  resultCodecOf,
  type Target,
  TemporaryFolder,
} from '@stigmergy/records'
import { appOf, type JobApp, type Reply } from './app.js'
import { checkDefinition } from './definition.js'
import { coded } from './errors.js'
import { checkedOptions, checkedPlace, type CheckedOptions, type JobOptions, type Output } from './options.js'
import { type JobHost, type JobReport, replyOf, reportOf } from './run.js'

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
    if (typeof output === 'function') return callWith(this.results(host, others), output)
    const options = checkedOptions(others)
    const place = await checkedPlace(output, this.definition)
    await using folder = await TemporaryFolder.in(options.temporary, 'mapreduce-')
    const into = async (target: Target): Promise<JobReport> =>
      reportOf(await this.#reply(host, options, target, folder.path))
    return 'folder' in place
      ? await intoFolder(place.folder, (path) => into({ folder: path }))
      : await intoFile(place.file, (path) => into({ file: path }))
  }

  async *results(host: JobHost, given: JobOptions): Results<K, R> {
    const options = checkedOptions(given)
    await using folder = await TemporaryFolder.in(options.temporary, 'mapreduce-')
    const reply = await this.#reply(host, options, 'caller', folder.path)
    const { key } = this.definition
    const result = resultCodecOf(this.definition)
    for (const pair of pairsOf(reply.partitions.flatMap(({ results }) => results)))
      yield [key.decode(pair.key), result.decode(pair.value)]
    return reportOf(reply)
  }

  #reply(host: JobHost, options: CheckedOptions, target: Target, folder: string): Promise<Reply> {
    return coded(replyOf(host, this.app, { definition: this.definition, options, target, folder }))
  }
}

/** Calls a function with each result, and waits for it. */
async function callWith<K, R>(
  results: Results<K, R>,
  call: (key: K, result: R) => void | Promise<void>,
): Promise<JobReport> {
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
