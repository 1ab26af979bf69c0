import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import type { App, RuntimeDefinition } from 'stigmergy'
import { needsTypescript, typescriptLoader } from './import-file.js'
import { wholeNumber } from './numbers.js'

export interface WorkerOptions {
  readonly workers?: number
  readonly kind?: 'thread' | 'process'
}

/** The options of commands that run functions. */
export function withWorkers(command: Command): Command {
  const kind = new Option('--kind <kind>', 'what the workers are (default: as the config says, or process)')
  return command
    .option('--workers <n>', 'run functions on so many workers (default: as the config says)', wholeNumber)
    .addOption(kind.choices(['thread', 'process']))
}

/** The definition with the workers that the command line asks for; they read what this process can read. */
export function onWorkers(
  definition: RuntimeDefinition,
  app: App,
  { workers, kind }: WorkerOptions,
): RuntimeDefinition {
  if (workers === undefined && kind === undefined && definition.workers === undefined) return definition
  const preload = needsTypescript(app.module ?? '') ? [typescriptLoader()] : []
  return definition.with((config) => ({
    ...config,
    workers: {
      ...config.workers,
      kind: kind ?? config.workers?.kind ?? 'process',
      count: workers ?? config.workers?.count ?? availableParallelism(),
      preload: [...preload, ...(config.workers?.preload ?? [])],
    },
  }))
}
