#!/usr/bin/env node
import { perform } from './command.js'

process.exitCode = await perform(process.argv.slice(2), {
  print: (text) => process.stdout.write(`${text}\n`),
  tell: (text) => process.stderr.write(`${text}\n`),
})
