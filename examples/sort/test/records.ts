import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRuntime, start } from 'stigmergy'
import { sortApp } from '../src/app.js'
import type { Plan } from '../src/plan.js'
import { keyBytes, recordBytes, roomFor, type Records } from '../src/record.js'

/** Records with these keys, in this order, each with its number behind the key. */
export function recordsWith(keys: readonly string[]): Buffer {
  return Buffer.from(
    keys.map((key, index) => `${key.padEnd(keyBytes, '!')} ${index}`.padEnd(recordBytes - 1) + '\n').join(''),
    'latin1',
  )
}

/** The same bytes where records can be worked with. */
export function recordsOf(bytes: Uint8Array): Records {
  const room = roomFor(bytes.length / recordBytes)
  room.bytes.set(bytes)
  return room
}

/** What sorting must give: records compared one by one, in the way that Array does, which keeps equal ones in their order. */
export function referenceSorted(bytes: Uint8Array): Buffer {
  const records = Array.from({ length: bytes.length / recordBytes }, (_, index) =>
    Buffer.from(bytes.subarray(index * recordBytes, (index + 1) * recordBytes)),
  )
  records.sort((a, b) => a.compare(b, 0, keyBytes, 0, keyBytes))
  return Buffer.concat(records)
}

/** Sorts with the app, in a folder of its own. */
export async function appSorted(bytes: Uint8Array, plan: Plan): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'sort-test-'))
  const [input, output, spill] = ['input', 'output', 'spill'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  try {
    writeFileSync(input, bytes)
    for (const file of [output, spill]) writeFileSync(file, '')
    await using runtime = await start(defineRuntime(), sortApp)
    const records = bytes.length / recordBytes
    await runtime.invoke(sortApp.handles.split, { input, output, spill, records, plan }).ended
    return readFileSync(output)
  } finally {
    await rm(folder, { recursive: true })
  }
}
