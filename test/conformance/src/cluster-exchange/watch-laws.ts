import type { Register, RegisterChange } from '@stigmergy/core'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { forAll, type Law } from '../runner.js'
import { turns, until } from '../waiting.js'
import { Assembly, bytesOf, textOf, type ClusterExchangeSubject } from './assembly.js'

/** A watcher that keeps what it was told. */
export class Lookout implements AsyncDisposable {
  readonly changes: RegisterChange[] = []
  /** How many changes it had been told when `onCurrent` was called, for each call. */
  readonly currentAt: number[] = []
  #watch: AsyncDisposable | undefined

  static async post(register: Register, prefix: string): Promise<Lookout> {
    const lookout = new Lookout()
    lookout.#watch = await register.watch(prefix, {
      onChange: (change) => lookout.changes.push(change),
      onCurrent: () => lookout.currentAt.push(lookout.changes.length),
    })
    return lookout
  }

  /** What there is, as far as it was told: values by their keys. */
  get view(): ReadonlyMap<string, string> {
    const view = new Map<string, string>()
    for (const { key, value } of this.changes)
      if (value === undefined) view.delete(key)
      else view.set(key, textOf(value))
    return view
  }

  /** Waits until the view is this one. */
  async sees(expected: ReadonlyMap<string, string>, deadlineMs: number): Promise<void> {
    const isSeen = (): boolean => sorted(this.view) === sorted(expected)
    await until(isSeen, deadlineMs, () => `The view ${sorted(expected)} instead of ${sorted(this.view)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]()
  }
}

function sorted(view: ReadonlyMap<string, string>): string {
  return JSON.stringify([...view].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** A random history of three keys: each step sets one, or deletes it. */
function histories(): fc.Arbitrary<readonly { readonly key: string; readonly isSet: boolean }[]> {
  return fc.array(
    fc.record({
      key: fc.constantFrom('', '.a', '.b'),
      isSet: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
    }),
    { maxLength: 25 },
  )
}

/** What watchers are told. */
export const watchLaws: readonly Law<ClusterExchangeSubject>[] = [
  {
    id: 'R7',
    name: 'watch-current',
    sentence: 'A watcher is told each entry that there is, then `onCurrent` is called, once.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(subject, fc.nat({ max: 5 }), async (count) => {
        const prefix = assembly.newKey()
        const expected = new Map<string, string>()
        for (let at = 0; at < count; at += 1) {
          await assembly.member(at).register.set(`${prefix}.${at}`, bytesOf(`${at}`))
          expected.set(`${prefix}.${at}`, `${at}`)
        }
        await assembly.member(0).register.set(`${prefix}.gone`, bytesOf('gone'))
        await assembly.member(1).register.delete(`${prefix}.gone`)
        await using lookout = await Lookout.post(assembly.member(1).register, prefix)
        await until(() => lookout.currentAt.length > 0, assembly.deadlineMs, 'The call of `onCurrent`')
        assert.equal(lookout.currentAt[0], count, 'changes were told before `onCurrent`')
        await assembly.member(0).register.set(prefix, bytesOf('later'))
        await lookout.sees(new Map([...expected, [prefix, 'later']]), assembly.deadlineMs)
        assert.deepEqual(lookout.currentAt, [count])
      })
    },
  },
  {
    id: 'R8',
    name: 'watch-changes',
    sentence:
      'A watcher is told the changes of a key in their order, the last one at least, with what was stored.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(subject, histories(), async (history) => {
        const prefix = assembly.newKey()
        await using lookout = await Lookout.post(assembly.member(0).register, prefix)
        const stored = new Map<number, string>()
        const expected = new Map<string, string>()
        for (const [at, { key: tail, isSet }] of history.entries()) {
          const { register } = assembly.member(at)
          const key = `${prefix}${tail}`
          if (isSet) {
            stored.set((await register.set(key, bytesOf(`${at}`)))!, `${key} ${at}`)
            expected.set(key, `${at}`)
          } else {
            await register.delete(key)
            expected.delete(key)
          }
        }
        await lookout.sees(expected, assembly.deadlineMs)
        inOrder(lookout.changes, stored)
      })
    },
  },
  {
    id: 'R9',
    name: 'watch-prefix',
    sentence: 'A watcher of a prefix is told the keys that begin with its parts, and no others.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { register } = assembly.member(0)
      const keys = ['nodes', 'nodes.a', 'nodes.a.b', 'nodesmith', 'nodesmith.a', 'node', 'other.nodes']
      await register.set('nodes.before', bytesOf('x'))
      await register.set('nodesmith.before', bytesOf('x'))
      await using lookout = await Lookout.post(assembly.member(1).register, 'nodes')
      for (const key of keys) await register.set(key, bytesOf('x'))
      await register.set('nodes.last', bytesOf('x'))
      const seen = ['nodes.before', 'nodes', 'nodes.a', 'nodes.a.b', 'nodes.last']
      await lookout.sees(new Map(seen.map((key) => [key, 'x'])), assembly.deadlineMs)
      assert.deepEqual(
        lookout.changes.map(({ key }) => key).filter((key) => !seen.includes(key)),
        [],
      )
    },
  },
  {
    id: 'R10',
    name: 'watch-ends',
    sentence: 'A watcher that is disposed is told nothing any more, and others still are.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { register } = assembly.member(0)
      const ended = await Lookout.post(register, 'key')
      await using other = await Lookout.post(register, 'key')
      await register.set('key', bytesOf('before'))
      await ended[Symbol.asyncDispose]()
      const told = ended.changes.length
      await assembly.member(1).register.set('key', bytesOf('after'))
      await other.sees(new Map([['key', 'after']]), assembly.deadlineMs)
      await turns()
      assert.equal(ended.changes.length, told)
    },
  },
]

/** Throws unless revisions grow for each key, and each value is what was stored under its revision. */
function inOrder(changes: readonly RegisterChange[], stored: ReadonlyMap<number, string>): void {
  const last = new Map<string, number>()
  for (const { key, value, revision } of changes) {
    assert.ok(revision > (last.get(key) ?? 0), `Revision ${revision} of ${key} came after ${last.get(key)}`)
    last.set(key, revision)
    if (value !== undefined) assert.equal(`${key} ${textOf(value)}`, stored.get(revision))
  }
}
