import test from 'ava'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('fixtures/quiet.ts', import.meta.url))

/** What the program says at its end; it is killed when that does not come. */
function run(...words: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const args = ['--import=tsx', program, ...words]
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
}

for (const who of ['founder', 'member']) {
  test(`an open endpoint of a ${who} keeps its process alive`, (t) => {
    t.like(run(who, 'keep'), { status: 0, stdout: 'kept alive' })
  })

  test(`without an open endpoint, a ${who} does not keep its process alive`, (t) => {
    t.like(run(who), { status: 0, stdout: '' })
  })
}
