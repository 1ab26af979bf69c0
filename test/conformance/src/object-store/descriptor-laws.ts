import type { StoreHandle } from '@stigmergy/core'
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { refuses } from '../refusal.js'
import { forAll, type Law } from '../runner.js'
import { until } from '../waiting.js'
import { Depot, type ObjectStoreSubject } from './depot.js'
import { structuredValues } from './values.js'

/** How a value gets from one window to another. */
export const descriptorLaws: readonly Law<ObjectStoreSubject>[] = [
  {
    id: 'O13',
    name: 'descriptor',
    sentence: 'A descriptor opens the value that it was made of.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, other } = depot
      await forAll(subject, structuredValues(), async (value) => {
        const handle = await depot.put(value)
        const opened = other.open(store.describe(handle))
        assert.ok(
          isDeepStrictEqual(other.read(opened), value),
          `${fc.stringify(other.read(opened))} was read`,
        )
        other.release(opened)
        store.release(handle)
      })
    },
  },
  {
    id: 'O14',
    name: 'descriptor-holds',
    sentence:
      'Each `open` adds a hold: the value stays when its other holders release it, and goes with the last hold.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, other } = depot
      const handle = await depot.put('shared')
      const descriptor = store.describe(handle)
      const opened = [other.open(descriptor), other.open(descriptor)]
      store.release(handle)
      for (const each of opened) {
        assert.equal(other.read(each), 'shared')
        other.release(each)
      }
      await until(() => store.usage.objects === 0, depot.deadlineMs, 'The end of the value')
      await notOpened(depot, descriptor)
    },
  },
  {
    id: 'O15',
    name: 'descriptor-stale',
    sentence:
      'The descriptor of a released value is STG_STORE_DESCRIPTOR, also when other values have taken its place.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const stale: Uint8Array[] = []
      for (let round = 0; round < 3; round += 1) {
        const described = await describeMany(depot)
        for (const descriptor of stale) await notOpened(depot, descriptor)
        for (const { handle } of described) depot.store.release(handle)
        stale.push(...described.map(({ descriptor }) => descriptor))
      }
      for (const descriptor of stale) await notOpened(depot, descriptor)
    },
  },
  {
    id: 'O16',
    name: 'descriptor-forged',
    sentence: 'Bytes that `describe` did not give are STG_STORE_DESCRIPTOR, and open no other value.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const descriptors = (await describeMany(depot)).map(({ descriptor }) => descriptor)
      const real = new Set(descriptors.map(textOf))
      for (const forged of descriptors.flatMap(singleBitFlips))
        if (!real.has(textOf(forged))) await notOpened(depot, forged)
      await forAll(subject, forgeries(descriptors), async (forged) => {
        if (!real.has(textOf(forged))) await notOpened(depot, forged)
      })
    },
  },
  {
    id: 'O17',
    name: 'foreign',
    sentence: 'Descriptors and handles of another store are refused.',
    check: async (subject) => {
      await using here = await Depot.create(subject)
      await using there = await Depot.create(subject)
      const described = await describeMany(there)
      await describeMany(here)
      for (const { descriptor, handle } of described) {
        await notOpened(here, descriptor)
        for (const use of ['read', 'retain', 'release', 'describe'] as const)
          assert.throws(() => here.store[use](handle), `${use} of a handle of another store`)
      }
    },
  },
  {
    id: 'O18',
    name: 'windows',
    sentence: 'What a window has opened stays readable when the window that put it closes.',
    applies: ({ windows = 1 }) => windows > 1,
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, other } = depot
      const opened = other.open(store.describe(await depot.put('shared')))
      await store.close()
      assert.equal(other.read(opened), 'shared')
      other.release(opened)
      await until(() => other.usage.objects === 0, depot.deadlineMs, 'The end of the value')
    },
  },
]

interface Described {
  readonly handle: StoreHandle
  readonly descriptor: Uint8Array
}

/** Puts values and describes every other one. The ones in between are what a forged descriptor could hit. */
async function describeMany(depot: Depot): Promise<readonly Described[]> {
  const puts = Array.from({ length: 16 }, (_, number) => depot.put(new Uint8Array(64).fill(number), 64))
  const handles = await Promise.all(puts)
  const everyOther = handles.filter((_, number) => number % 2 === 0)
  return everyOther.map((handle) => ({ handle, descriptor: depot.store.describe(handle) }))
}

async function notOpened({ store, other, deadlineMs }: Depot, descriptor: Uint8Array): Promise<void> {
  for (const window of [store, other])
    await refuses('STG_STORE_DESCRIPTOR', deadlineMs, () => window.open(descriptor))
}

/** Random bytes, and real descriptors with a few changed, cut or added. */
function forgeries(descriptors: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const real = fc.constantFrom(...descriptors)
  const bytes = fc.uint8Array({ maxLength: 64, size: 'max' })
  const spot = fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) })
  return fc.oneof(
    bytes,
    fc
      .tuple(real, fc.array(spot, { minLength: 1, maxLength: 3 }))
      .map(([descriptor, spots]) => changed(descriptor, spots)),
    fc.tuple(real, fc.nat()).map(([descriptor, length]) => descriptor.slice(0, length % descriptor.length)),
    fc.tuple(real, bytes).map(([descriptor, more]) => new Uint8Array([...descriptor, ...more])),
    fc.tuple(real, real, fc.nat()).map(([one, other, at]) => spliced(one, other, at % one.length)),
  )
}

function singleBitFlips(descriptor: Uint8Array): readonly Uint8Array[] {
  const bits = Array.from({ length: descriptor.length * 8 }, (_, bit) => bit)
  return bits.map((bit) => changed(descriptor, [{ at: bit >> 3, flip: 1 << (bit & 7) }]))
}

function changed(descriptor: Uint8Array, spots: readonly { at: number; flip: number }[]): Uint8Array {
  const copy = new Uint8Array(descriptor)
  for (const { at, flip } of spots) copy[at % copy.length]! ^= flip
  return copy
}

/** The start of one descriptor and the end of another. */
function spliced(one: Uint8Array, other: Uint8Array, at: number): Uint8Array {
  return new Uint8Array([...one.subarray(0, at), ...other.subarray(at)])
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
