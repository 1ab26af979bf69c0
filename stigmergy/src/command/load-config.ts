import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { defineRuntime, type RuntimeDefinition } from 'stigmergy'
import { importFile, unusable } from './import-file.js'

const names = ['ts', 'mts', 'js', 'mjs'].map((ending) => `stigmergy.config.${ending}`)

/** The runtime that a command works with. */
export interface LoadedConfig {
  /** As it was found, relative to where the command runs; undefined for the default runtime. */
  readonly file: string | undefined
  /** Complete. */
  readonly definition: RuntimeDefinition
}

/** The option of commands that need a runtime. */
export function withConfig(command: Command): Command {
  return command.option(
    '--config <file>',
    'the module that exports the runtime (default: stigmergy.config.ts or .js here or in a folder above, else the default runtime)',
  )
}

/** The config that is named, the nearest that is found, or the default. Rejects with `STG_CONFIG_*`. */
export async function loadConfig(named: string | undefined): Promise<LoadedConfig> {
  const file = named ?? nearest(process.cwd())
  if (file === undefined) return { file, definition: defineRuntime() }
  const { default: exported } = await importFile(file, 'a runtime config')
  if (!isDefinition(exported))
    throw unusable(`${file} must have as its default export what defineRuntime({ … }) returned.`, file)
  return { file, definition: await exported.complete() }
}

/** The config in a folder, or in the nearest one above it. */
function nearest(folder: string): string | undefined {
  const found = names.map((name) => join(folder, name)).find((file) => existsSync(file))
  if (found !== undefined) return relative(process.cwd(), found)
  const parent = dirname(folder)
  return parent === folder ? undefined : nearest(parent)
}

function isDefinition(exported: unknown): exported is RuntimeDefinition {
  const { registry, complete } = (exported ?? {}) as Partial<RuntimeDefinition>
  return typeof registry === 'object' && typeof complete === 'function'
}
