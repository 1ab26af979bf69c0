import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { lives, until } from '../src/waiting.js'

/** Starts two workers, says who they are, and has one of them compute without end. */
const program = fileURLToPath(new URL('../dist/endless.js', import.meta.url))

test('workers end with the program that has started them, also while they compute', async (t) => {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const pids = JSON.parse(line) as readonly number[]
  t.is(pids.length, 2)
  t.true(pids.every((pid) => lives(pid)))
  child.kill('SIGKILL')
  await until(() => !pids.some((pid) => lives(pid)), 'The end of the workers')
})
