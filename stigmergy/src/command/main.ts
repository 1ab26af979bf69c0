#!/usr/bin/env node
import { Desk } from './desk.js'
import { localCommand } from './local-command.js'
import { perform } from './program.js'

const local = localCommand(process.cwd())
if (local === undefined) {
  const desk = new Desk(process.stdout, process.stderr)
  const code = await perform(process.argv.slice(2), desk)
  await desk.flushed()
  // What an app has left open does not keep the command from ending.
  process.exit(code)
} else await import(local)
