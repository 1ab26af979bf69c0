import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const root = fileURLToPath(new URL('../../../', import.meta.url))

function run(file: string, ...args: readonly string[]) {
  const program = ['--import', 'tsx', `examples/patterns/src/${file}.ts`, ...args]
  return promisify(execFile)(process.execPath, program, { cwd: root })
}

const printed: Readonly<Record<string, readonly string[]>> = {
  sequential: ['«The Wisdom Of Ants»'],
  conditional: ['80 is approved', '12500 needs a signature'],
  assembling: ['price: 15 €, stock: 5 left'],
  'dynamic-parallel': ['COVER | CHAPTER ONE | INDEX'],
  'batched-by-count': ['a full round: Oak 1, Elm 5, Ash 2', 'the last round: Fir 9'],
  'batched-by-time': ['3 readings, 21 on average'],
  'batched-by-count-or-time': ['by size: tea, milk, salt', 'by time: rice'],
  'k-out-of-n': ['copies from near and midway'],
  'map-reduce': ['1 blue', '4 fish', '1 one', '1 red', '1 two'],
  composed: [
    'shipped, paid by Ada and packed by Bo',
    'Trigger facts.ship can never fire in this session: part 0 all has not fired within 50 ms; missing: paid.',
  ],
}

for (const [pattern, lines] of Object.entries(printed))
  test.serial(`${pattern} prints its result`, async (t) => {
    t.deepEqual((await run(pattern)).stdout.trimEnd().split('\n'), lines)
  })

test.serial('all patterns run one after the other', async (t) => {
  const all = Object.entries(printed).flatMap(([pattern, lines]) => [`# ${pattern}`, ...lines])
  t.deepEqual((await run('main')).stdout.trimEnd().split('\n'), all)
})

test.serial('a pattern that does not exist is an error that names those that do', async (t) => {
  await t.throwsAsync(run('main', 'waterfall'), {
    code: 1,
    message: /no pattern waterfall; there are sequential, /,
  })
})
