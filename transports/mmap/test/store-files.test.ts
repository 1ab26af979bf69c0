import { StigmergyError } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Control } from '../src/control.js'
import { NodeDirectory } from '../src/directory.js'
import { loadMapping } from '../src/mapping.js'
import { foundStore, storeWorld } from './fixtures/store-world.js'

type Damage = (file: string) => void

const damages: Readonly<Record<string, Damage>> = {
  'a truncated file': (file) => truncateSync(file, 8192),
  'an empty file': (file) => truncateSync(file, 0),
  'a file of another program': (file) => writeFileSync(file, Buffer.alloc(100_000, 'no segment')),
  'a file of an odd length': (file) => writeFileSync(file, readFileSync(file).subarray(0, -3)),
  'a file of another version': (file) => patch(file, 4, 99),
  'a file with more slots than fit': (file) => patch(file, 28, 0x7fffffff),
  'a link': (file) => {
    const target = `${file}.target`
    writeFileSync(target, readFileSync(file))
    rmSync(file)
    symlinkSync(target, file)
  },
  'a directory': (file) => {
    rmSync(file)
    mkdirSync(file)
  },
}

function patch(file: string, offset: number, word: number): void {
  const bytes = readFileSync(file)
  bytes.writeUInt32LE(word, offset)
  rmSync(file)
  writeFileSync(file, bytes)
}

for (const [what, damage] of Object.entries(damages)) {
  test(`${what} in the place of a segment is STG_STORE_CORRUPT`, async (t) => {
    const { windows, directory, dispose } = await storeWorld(2)
    const [store, other] = windows
    const descriptor = store.describe(await store.put(new Uint8Array(10), 10))
    const file = join(directory.path, '0-1-0.seg')
    // The mapping of the window that owns it is of the old file: only its name is given to another.
    const copy = readFileSync(file)
    rmSync(file)
    writeFileSync(file, copy)
    damage(file)
    t.throws(() => other?.open(descriptor), { code: 'STG_STORE_CORRUPT' })
    await Promise.all(windows.map((window) => window.close()))
    await dispose()
  })

  test(`${what} in the place of the control file is STG_STORE_CORRUPT`, async (t) => {
    const { directory, control, dispose } = await foundStore({ members: 2, limitBytes: 1000 })
    const mapping = await loadMapping()
    const file = join(directory.path, 'control')
    const copy = readFileSync(file)
    rmSync(file)
    writeFileSync(file, copy)
    if (what === 'a file with more slots than fit') patch(file, 16, 77)
    else damage(file)
    t.throws(() => Control.open(directory.path, mapping), { code: 'STG_STORE_CORRUPT' })
    t.is(control.members, 2)
    await dispose()
  })
}

test('a slot that says what cannot be is STG_STORE_CORRUPT, and no wild read', async (t) => {
  const { windows, directory, dispose } = await storeWorld(2)
  const [store, other] = windows
  if (other === undefined) return t.fail()
  const mapping = await loadMapping()
  const segment = mapping.open(join(directory.path, await firstSegment(store, directory.path)))
  const numbers = new Float64Array(segment.buffer)
  for (const wrong of [NaN, -8, 2 ** 40, 1e300, 0, 0.5]) {
    const handle = await store.put(new Uint8Array(10), 10)
    const opening = store.describe(handle)
    for (let slot = 0; slot < 3; slot += 1) numbers[(4096 + slot * 64 + 16) / 8] = wrong
    const opened = other.open(opening)
    t.throws(() => other.read(opened), { code: 'STG_STORE_CORRUPT' }, String(wrong))
    other.release(opened)
    store.release(handle)
  }
  segment.unmap()
  await Promise.all(windows.map((window) => window.close()))
  await dispose()
})

async function firstSegment(store: Awaited<ReturnType<typeof storeWorld>>['windows'][0], path: string) {
  store.describe(await store.put('first', 10))
  return readdirSync(path).find((name) => name.endsWith('.seg')) ?? ''
}

test('a directory that cannot be made says why, and what to do', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'parent-'))
  writeFileSync(join(parent, 'file'), '')
  const error = t.throws(() => NodeDirectory.create({ directory: join(parent, 'file', 'below') }))
  t.true(StigmergyError.is(error, 'STG_STORE_DIRECTORY'))
  t.regex(error?.message ?? '', /option directory/)
  const large = t.throws(() => NodeDirectory.create({ directory: parent, limitBytes: 2 ** 52 }))
  t.true(StigmergyError.is(large, 'STG_STORE_DIRECTORY'))
  t.regex(large?.message ?? '', /lower limitBytes/)
  rmSync(parent, { recursive: true })
})

test('a directory that others can enter, or that is a link, is not joined', async (t) => {
  const { directory, dispose } = await foundStore({ members: 2, limitBytes: 1000 })
  const mapping = await loadMapping()
  t.is(lstatSync(directory.path).mode & 0o777, 0o700)
  const link = `${directory.path}-link`
  symlinkSync(directory.path, link)
  t.throws(() => Control.open(link, mapping), { code: 'STG_STORE_DIRECTORY' })
  rmSync(link)
  chmodSync(directory.path, 0o750)
  t.throws(() => Control.open(directory.path, mapping), { code: 'STG_STORE_DIRECTORY' })
  await dispose()
  t.throws(() => Control.open(directory.path, mapping), { code: 'STG_STORE_DIRECTORY' })
})

/** Makes a directory in another process, which then ends as told, and returns its path. */
function madeAndEnded(t: ExecutionContext, parent: string, end: string): string {
  const script = fileURLToPath(new URL('./fixtures/make-directory.ts', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', script, parent, end], {
    encoding: 'utf8',
  })
  t.true(stdout.startsWith(parent), stderr)
  return stdout
}

test('a directory is gone when its process exits, and is swept when it was killed', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'parent-'))
  t.false(existsSync(madeAndEnded(t, parent, 'exit')))
  t.false(existsSync(madeAndEnded(t, parent, 'throw')))
  const killed = madeAndEnded(t, parent, 'kill')
  t.true(existsSync(killed))
  const foreign = ['other', 'stigmergy-1-2-3', 'stigmergy-7-1-0-aabbccddeeff']
  for (const name of foreign) mkdirSync(join(parent, name))
  symlinkSync(tmpdir(), `${killed.slice(0, -12)}aaaaaaaaaaaa`)
  const living = NodeDirectory.create({ directory: parent })
  const next = NodeDirectory.create({ directory: parent })
  t.false(existsSync(killed))
  t.true(existsSync(living.path))
  t.true(foreign.every((name) => existsSync(join(parent, name))))
  t.true(existsSync(tmpdir()))
  living.close()
  next.close()
  t.false(existsSync(living.path))
  rmSync(parent, { recursive: true })
})
