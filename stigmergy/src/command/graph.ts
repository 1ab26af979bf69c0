import { type Command, Option } from 'commander'
import { type Desk, plainJson } from './desk.js'
import { dot } from './graph/dot.js'
import { mermaid } from './graph/mermaid.js'
import { type Graph, graphOf } from './graph/model.js'
import { appArgument, loadApp } from './load-app.js'
import { loadConfig, withConfig } from './load-config.js'

const formats = ['mermaid', 'svg', 'dot', 'json'] as const

interface Options {
  readonly config?: string
  readonly format: (typeof formats)[number]
}

/** `stigmergy graph`: an app as a picture. */
export function addGraph(program: Command, desk: Desk): void {
  const command = program
    .command('graph')
    .summary('draw an app')
    .description('Draws an app: its functions, buckets and triggers, and how data flows between them.')
  withConfig(command)
    .argument('<app>', appArgument)
    .addOption(new Option('--format <format>', 'what to write').choices(formats).default('mermaid'))
    .addHelpText(
      'after',
      '\nSolid arrows are what the app declares, dashed ones are further targets of a trigger. Where a function puts is known\n' +
        'when it says so: app.fn(name, handler, { puts: [bucket] }).',
    )
    .action((app: string, options: Options) => graph(desk, app, options))
}

async function graph(desk: Desk, address: string, { config, format }: Options): Promise<void> {
  const app = await loadApp(address)
  const { definition } = await loadConfig(config)
  const drawn = graphOf(app, definition)
  const data = { ...drawn, functions: drawn.functions.map((fn) => ({ ...fn, puts: fn.puts ?? null })) }
  await desk.result(await written(drawn, format, data), data)
}

async function written(drawn: Graph, format: Options['format'], data: unknown): Promise<string> {
  switch (format) {
    case 'mermaid':
      return mermaid(drawn)
    case 'dot':
      return dot(drawn)
    case 'json':
      return JSON.stringify(data, plainJson, 2)
    case 'svg':
      return svg(drawn)
  }
}

async function svg(drawn: Graph): Promise<string> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz')
  return (await Graphviz.load()).layout(dot(drawn), 'svg').trimEnd()
}
