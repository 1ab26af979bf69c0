import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { defineRuntime, type Runtime, type RuntimeConfig, start } from 'stigmergy'
import type { MapReduce, JobOptions } from '../src/index.js'
import { apps } from './jobs.js'

/** A folder for a test: its inputs, and apart from them what a run leaves between map and reduce. */
export class Here {
  readonly folder = mkdtempSync(join(tmpdir(), 'mapreduce-test-'))
  readonly temporary = mkdtempSync(join(this.folder, 'temporary-'))

  constructor(t: Pick<ExecutionContext, 'teardown'>) {
    t.teardown(() => rmSync(this.folder, { recursive: true }))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** What is left of runs. */
  get left(): readonly string[] {
    return readdirSync(this.temporary)
  }
}

/** A runtime with all jobs, until the test ends. */
export async function runtimeFor(
  t: Pick<ExecutionContext, 'teardown'>,
  config: RuntimeConfig = {},
): Promise<Runtime> {
  const runtime = await start(defineRuntime(config), apps)
  t.teardown(() => runtime.close())
  return runtime
}

/** All results of a run, in the order in which they come. */
export async function resultsOf<K, R>(
  job: MapReduce<K, R>,
  runtime: Runtime,
  options: JobOptions,
): Promise<readonly (readonly [K, R])[]> {
  const all: (readonly [K, R])[] = []
  for await (const result of job.results(runtime, options)) all.push(result)
  return all
}
