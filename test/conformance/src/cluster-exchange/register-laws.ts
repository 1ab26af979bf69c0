import type { Register } from '@stigmergy/core'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { refusesType } from '../refusal.js'
import { forAll, type Law } from '../runner.js'
import { Assembly, bytesOf, textOf, type ClusterExchangeSubject } from './assembly.js'
import { invalidKeys, keys } from './keys.js'

const maxValueBytes = 2 ** 16

/** One change at random: of which key, by which member, and what it expects of the revision before. */
interface Change {
  readonly key: number
  readonly member: number
  readonly does: 'set' | 'delete'
  readonly expects: 'anything' | 'nothing' | 'the last' | 'the one before'
}

function changes(): fc.Arbitrary<readonly Change[]> {
  const change = fc.record({
    key: fc.nat({ max: 2 }),
    member: fc.nat({ max: 1 }),
    does: fc.constantFrom('set' as const, 'set' as const, 'delete' as const),
    expects: fc.constantFrom(
      'anything' as const,
      'nothing' as const,
      'the last' as const,
      'the one before' as const,
    ),
  })
  return fc.array(change, { maxLength: 20 })
}

/** A key as the model has it: its value, and the revisions that it had. */
interface ModelledEntry {
  value: string | undefined
  revision: number
  before: number
}

/** Makes a change, and the same in the model. Throws when they differ. */
async function applyChange(
  register: Register,
  key: string,
  entry: ModelledEntry,
  change: Change,
  at: number,
) {
  const { does, expects } = change
  const expected = {
    anything: undefined,
    nothing: 0,
    'the last': entry.revision,
    'the one before': entry.before,
  }[expects]
  const isExpected = expected === undefined || expected === entry.revision
  if (does === 'set') {
    const revision = await register.set(key, bytesOf(`${at}`), expected)
    assert.equal(revision !== undefined, isExpected, `set ${key} expecting ${expects}`)
    if (revision !== undefined)
      Object.assign(entry, { value: `${at}`, revision, before: entry.revision || entry.before })
  } else {
    const isDeleted = await register.delete(key, expected)
    assert.equal(isDeleted, isExpected && entry.value !== undefined, `delete ${key} expecting ${expects}`)
    if (isDeleted) Object.assign(entry, { value: undefined, revision: 0, before: entry.revision })
  }
}

/** What the register stores, and for whom it changes it. */
export const registerLaws: readonly Law<ClusterExchangeSubject>[] = [
  {
    id: 'R1',
    name: 'keys',
    sentence:
      'Every key of 1 to 8 parts has an entry of its own with up to 64 KiB; other keys and larger values are a TypeError.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { register } = assembly.member(0)
      await forAll(subject, fc.uniqueArray(keys(), { minLength: 2, maxLength: 4 }), async (each) => {
        for (const key of each) await register.set(key, bytesOf(key))
        for (const key of each) assert.equal(textOf((await register.get(key))!.value), key)
        for (const key of each) await register.delete(key)
      })
      for (const size of [0, maxValueBytes]) {
        await register.set('large', new Uint8Array(size).fill(7))
        assert.equal((await register.get('large'))?.value.length, size)
      }
      await refusesType(() => register.set('large', new Uint8Array(maxValueBytes + 1)))
      for (const key of invalidKeys) {
        await refusesType(() => register.set(key, bytesOf('value')))
        await refusesType(() => register.get(key))
        await refusesType(() => register.delete(key))
        await refusesType(() => register.watch(key, { onChange: () => undefined }))
      }
    },
  },
  {
    id: 'R2',
    name: 'compare-and-set',
    sentence:
      'A change with an expected revision is made if that is the last one, 0 for none, and else not at all.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(subject, changes(), async (each) => {
        const entries = [0, 1, 2].map(() => ({
          key: assembly.newKey(),
          entry: { value: undefined, revision: 0, before: 0 },
        }))
        for (const [at, change] of each.entries()) {
          const { key, entry } = entries[change.key]!
          await applyChange(assembly.member(change.member).register, key, entry, change, at)
          const stored = await assembly.member(at).register.get(key)
          assert.equal(stored && textOf(stored.value), entry.value)
          assert.equal(stored?.revision ?? 0, entry.revision)
        }
      })
    },
  },
  {
    id: 'R3',
    name: 'one-wins',
    sentence: 'Of several changes at once that expect the same revision, one is made.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(
        subject,
        fc.tuple(fc.integer({ min: 2, max: 8 }), fc.boolean()),
        async ([count, isNew]) => {
          const key = assembly.newKey()
          const expected = isNew ? 0 : (await assembly.member(0).register.set(key, bytesOf('first')))!
          const sets = Array.from({ length: count }, (_, at) =>
            assembly.member(at).register.set(key, bytesOf(`${at}`), expected),
          )
          const made = [...(await Promise.all(sets)).entries()].filter(
            ([, revision]) => revision !== undefined,
          )
          assert.equal(made.length, 1, `${made.length} changes were made`)
          const [[winner, revision] = []] = made
          const stored = await assembly.member(0).register.get(key)
          assert.deepEqual([stored && textOf(stored.value), stored?.revision], [`${winner}`, revision])
        },
      )
    },
  },
  {
    id: 'R4',
    name: 'revisions',
    sentence: 'The revision of an entry grows with every change, also when it was deleted in between.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(subject, changes(), async (each) => {
        const key = assembly.newKey()
        let last = 0
        for (const { does, member } of each) {
          const { register } = assembly.member(member)
          if (does === 'delete') await register.delete(key)
          const revision = await register.set(key, bytesOf('the same'))
          assert.ok(revision !== undefined && revision > last, `Revision ${revision} came after ${last}`)
          last = revision
        }
      })
    },
  },
  {
    id: 'R5',
    name: 'fresh',
    sentence: 'After `set` has returned, `get` of any member returns this entry or a later one.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const key = assembly.newKey()
      for (let at = 0; at < 100; at += 1) {
        const revision = await assembly.member(at).register.set(key, bytesOf(`${at}`))
        const stored = await assembly.member(at + 1).register.get(key)
        assert.deepEqual([stored && textOf(stored.value), stored?.revision], [`${at}`, revision])
      }
    },
  },
  {
    id: 'R6',
    name: 'buffers',
    sentence: 'What is stored stays, whatever is done to the bytes that were given or handed out.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { register } = assembly.member(0)
      const given = bytesOf('kept')
      await register.set('key', given)
      given.fill(0)
      const handedOut = await register.get('key')
      assert.equal(textOf(handedOut!.value), 'kept')
      handedOut!.value.fill(0)
      assert.equal(textOf((await register.get('key'))!.value), 'kept')
    },
  },
]
