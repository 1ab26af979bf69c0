// Runs the conformance laws of all our primitives on many more histories than `npm test` does: laws.mjs [histories per law]
import { runTool, script } from './command.mjs'

const runs = process.argv[2] ?? '100000'

await script(async () => {
  const env = { ...process.env, STIGMERGY_RUNS: runs }
  await runTool(
    'ava',
    ['--timeout=12h', '--serial', 'primitives/*/test/*.test.ts', 'plugins/*/test/*.test.ts'],
    { env },
  )
})
