import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { AppendFile, Desks, intoFile, intoFolder, TemporaryFolder } from '../src/index.js'
import { Here } from './here.js'

test('a temporary folder is gone in the end, with all that is in it', async (t) => {
  const here = new Here(t)
  const temporary = await TemporaryFolder.in(here.folder, 'of-a-run-')
  writeFileSync(join(temporary.path, 'file'), 'content')
  await temporary[Symbol.asyncDispose]()
  t.deepEqual(readdirSync(here.folder), [])
})

test('files are in their folder when all are written, and never some of them', async (t) => {
  const here = new Here(t)
  const folder = here.path('deep/output')
  await intoFolder(folder, async (unfinished) => {
    writeFileSync(join(unfinished, 'part'), 'content')
    t.false(existsSync(join(folder, 'part')))
  })
  t.deepEqual(readdirSync(folder), ['part'])
  const failing = intoFolder(folder, async (unfinished) => {
    writeFileSync(join(unfinished, 'other'), 'content')
    throw new Error('the disk is full')
  })
  await t.throwsAsync(failing, { message: 'the disk is full' })
  t.deepEqual(readdirSync(folder), ['part'])
})

test('a file is replaced when the new one is whole', async (t) => {
  const here = new Here(t)
  const path = here.file('output', 'old')
  await t.throwsAsync(
    intoFile(path, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.is(readFileSync(path, 'utf8'), 'old')
  await intoFile(path, async (unfinished) => writeFileSync(unfinished, 'new'))
  t.is(readFileSync(path, 'utf8'), 'new')
  t.deepEqual(readdirSync(here.folder), ['output'])
})

test('a file is written from where it is told to, by whoever waits and whoever cannot', async (t) => {
  const here = new Here(t)
  const path = here.file('file', '0123456789')
  {
    using middle = new AppendFile(path, 4)
    t.is(await middle.write([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')]), 4)
    t.is(middle.writeNow(Buffer.from('d')), 7)
  }
  t.is(readFileSync(path, 'utf8'), '0123abcd89')
  using end = new AppendFile(path, 'a')
  t.is(end.writeNow(Buffer.from('x')), 10)
  using fresh = new AppendFile(path, 'w')
  t.is(fresh.open(), 0)
  t.is(readFileSync(path, 'utf8'), '')
})

test('tasks at a time have desks with files of their own, tasks one after the other the same', async (t) => {
  const here = new Here(t)
  mkdirSync(here.path('spills'))
  const desks = new Desks()
  const write = (content: string) =>
    desks.with(async (desk) => {
      using file = desk.spill(here.path('spills'))
      await file.write([Buffer.from(content)])
      return file.path
    })
  const [one, other] = await Promise.all([write('one'), write('other')])
  t.not(one, other)
  t.true([one, other].includes(await write('next')))
  t.deepEqual(
    readdirSync(here.path('spills'))
      .map((name) => readFileSync(join(here.path('spills'), name), 'utf8'))
      .sort(),
    ['one', 'othernext'],
  )
})
