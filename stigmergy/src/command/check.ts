import type { Command } from 'commander'
import { type App, type RuntimeDefinition, reviewApp } from 'stigmergy'
import { counted } from './counted.js'
import type { Desk } from './desk.js'
import { failureData, failureLines } from './failure.js'
import { appArgument, loadApp } from './load-app.js'
import { loadConfig, withConfig } from './load-config.js'

interface Options {
  readonly config?: string
  readonly strict?: true
}

/** `stigmergy check`: what is wrong with a config and an app, and what may go wrong, without starting anything. */
export function addCheck(program: Command, desk: Desk): void {
  const command = program
    .command('check')
    .summary('say what is wrong with a config and an app')
    .description('Says what is wrong with a config and an app, and what may go wrong. Starts nothing.')
  withConfig(command)
    .argument('[app]', `${appArgument}; without it only the config is checked`)
    .option('--strict', 'exit with 1 for warnings, too')
    .action((app: string | undefined, options: Options) => check(desk, app, options))
}

async function check(desk: Desk, address: string | undefined, options: Options): Promise<void> {
  const { file = 'the default runtime', definition } = await loadConfig(options.config)
  const app = address === undefined ? undefined : await loadApp(address)
  const { errors, remarks } = app === undefined ? { errors: [], remarks: [] } : reviewApp(definition, app)
  for (const error of errors)
    await desk.result(indented('error', failureLines(error, desk.verbose)), {
      level: 'error',
      ...(failureData(error) as object),
    })
  for (const remark of remarks) {
    const { about, code, message, remedy } = remark
    const lines = [`${about}: ${code}: ${message}`, `  remedy: ${remedy}`]
    await desk.result(indented('warning', lines), { level: 'warning', ...remark })
  }
  if (!desk.json) {
    const counts = [counted(errors.length, 'error'), counted(remarks.length, 'warning')].join(', ')
    await desk.result(`${subjectOf(file, definition, app)}: ${counts}`, undefined)
  }
  if (errors.length > 0 || (options.strict === true && remarks.length > 0)) desk.failed()
}

function subjectOf(file: string, { registry, plugins }: RuntimeDefinition, app: App | undefined): string {
  if (app === undefined)
    return `${file}, with ${counted(registry.names.length, 'primitive')} and ${counted(plugins.length, 'plugin')}`
  const { functions, buckets } = app.manifest
  const triggers = [...buckets.values()].flatMap(({ triggers }) => triggers)
  const parts = [
    counted(functions.size, 'function'),
    counted(buckets.size, 'bucket'),
    counted(triggers.length, 'trigger'),
  ]
  return `app ${app.name} on ${file}, with ${parts.join(', ')}`
}

function indented(level: string, [head = '', ...rest]: readonly string[]): string {
  return [`${level.padEnd(8)}${head}`, ...rest.map((line) => `${' '.repeat(8)}${line.trimStart()}`)].join(
    '\n',
  )
}
