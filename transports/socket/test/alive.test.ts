import test, { type ExecutionContext } from 'ava'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('fixtures/quiet.ts', import.meta.url))

/** How the program ends, and what it says; it is killed when it does not end. */
function run(t: ExecutionContext, ...words: readonly string[]): { status: number | null; stdout: string } {
  const directory = mkdtempSync(join(tmpdir(), 'stigmergy-test-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const args = ['--import=tsx', program, directory, ...words]
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
}

for (const who of ['founder', 'member']) {
  test(`an open endpoint of a ${who} keeps its process alive`, (t) => {
    t.like(run(t, who, 'keep'), { status: 0, stdout: 'kept alive' })
  })

  test(`without an open endpoint, a ${who} does not keep its process alive`, (t) => {
    t.like(run(t, who), { status: 0, stdout: '' })
  })
}
