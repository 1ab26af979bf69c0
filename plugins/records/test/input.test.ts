import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import test from 'ava'
import { filesOf, type Input, InputProblem } from '../src/index.js'
import { Here, never } from './here.js'

test('files are found by path, in folders and by globs, in the order of their names', async (t) => {
  const here = new Here(t)
  mkdirSync(here.path('folder/deep'), { recursive: true })
  const [b, c, a] = [
    here.file('folder/b', 'bb'),
    here.file('folder/deep/c.log', ''),
    here.file('folder/a.log', 'a'),
  ]
  const found = async (input: Input) => await filesOf(input, here.path('spool'), never)
  const [ofA, ofB, ofC] = [
    { file: a, bytes: 1 },
    { file: b, bytes: 2 },
    { file: c, bytes: 0 },
  ]
  t.deepEqual(await found(b), [ofB])
  t.deepEqual(await found(here.path('folder')), [ofA, ofB, ofC])
  t.deepEqual(await found([here.path('**/*.log'), b]), [ofA, ofC, ofB])
  await t.throwsAsync(found([here.path('*.none')]), {
    instanceOf: InputProblem,
    message: /none that matches/,
  })
})

test('bytes that come are written to the spool', async (t) => {
  const here = new Here(t)
  const spool = here.path('spool')
  const input = (async function* () {
    yield 'ä'
    yield Buffer.from('b')
  })()
  t.deepEqual(await filesOf(input, spool, never), [{ file: spool, bytes: 3 }])
  t.is(await readFile(spool, 'utf8'), 'äb')
})
