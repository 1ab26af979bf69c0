import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { addBench } from './bench.js'
import { addCheck } from './check.js'
import { addConformance } from './conformance.js'
import { type Desk, exitCodes } from './desk.js'
import { addExplain } from './explain.js'
import { tellFailure } from './failure.js'
import { addGraph } from './graph.js'
import { addCoordinator, addNode } from './member.js'
import { addReplay } from './replay.js'
import { addRun } from './run.js'
import { addStatus } from './status.js'
import { UsageError } from './usage.js'

/** Adds one subcommand to the program. */
type Subcommand = (program: Command, desk: Desk) => void

/** In the order of the help. Each is one file. */
const subcommands: readonly Subcommand[] = [
  addRun,
  addBench,
  addCheck,
  addGraph,
  addConformance,
  addExplain,
  addReplay,
  addNode,
  addCoordinator,
  addStatus,
]

/** Runs the command with these arguments; gives its exit code. */
export async function perform(args: readonly string[], desk: Desk): Promise<number> {
  const program = programFor(desk)
  try {
    await program.parseAsync(args, { from: 'user' })
    return desk.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    tellFailure(desk, error)
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
  }
}

function programFor(desk: Desk): Command {
  const program = new Command('stigmergy')
    .description('Runs, measures, checks, draws and explains apps whose functions are triggered by data.')
    .version(ownVersion(), '--version', 'print the version')
    .option('--json', 'print results and errors as JSON, one value a line')
    .option('--verbose', 'show what caused an error')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExit codes: 0 all went well, 1 something failed, 2 the call was wrong.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => desk.print(text),
      writeErr: (text) => desk.tell(text.trimEnd()),
    })
    .hook('preAction', (root) => {
      const { json = false, verbose = false } = root.opts<{ json?: boolean; verbose?: boolean }>()
      Object.assign(desk, { json, verbose })
    })
  for (const add of subcommands) add(program, desk)
  return program
}

function ownVersion(): string {
  return (createRequire(import.meta.url)('stigmergy/package.json') as { version: string }).version
}
