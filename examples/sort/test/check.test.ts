import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { check } from '../src/check.js'
import { recordsWith } from './records.js'

const folder = mkdtempSync(join(tmpdir(), 'sort-check-'))
test.after.always(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('a sorted copy is right', async (t) => {
  const bytes = recordsWith(['a', 'b', 'b', 'c'])
  await t.notThrowsAsync(check(fileOf('in-1', bytes), fileOf('out-1', bytes)))
})

test('two records in the wrong order are found, wherever they stand', async (t) => {
  const keys = Array.from({ length: 80_001 }, () => 'b')
  for (const place of [1, 40_000, 80_000]) {
    const bytes = recordsWith(keys.with(place, 'a'))
    const path = fileOf(`unsorted-${place}`, bytes)
    await t.throwsAsync(check(path, path), { message: new RegExp(`record ${place} is lower`) })
  }
})

test('a record that is lost, doubled or changed is found', async (t) => {
  const input = fileOf('in-2', recordsWith(['a', 'b', 'c']))
  const bytes = recordsWith(['a', 'b', 'c'])
  const changed = Buffer.from(bytes)
  changed[250] = 7
  const doubled = Buffer.concat([bytes.subarray(0, 100), bytes.subarray(0, 200)])
  for (const wrong of [bytes.subarray(0, 200), changed, doubled])
    await t.throwsAsync(check(input, fileOf('out-2', wrong)), { message: /these are not the 3 records/ })
})

test('half a record is an error', async (t) => {
  const path = fileOf('half', Buffer.alloc(150))
  await t.throwsAsync(check(path, path), { message: /150 bytes, which are not whole records/ })
})
