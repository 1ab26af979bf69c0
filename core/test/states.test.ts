import test from 'ava'
import { compareBytes } from '../src/bucket/object-order.js'
import { Pending } from '../src/bucket/pending.js'
import { copyState } from '../src/bucket/plain-state.js'
import { nextState, randomOf, seedOf } from '../src/bucket/random.js'
import { RememberedKeys } from '../src/bucket/remembered-keys.js'
import { LazyPromise } from '../src/lazy-promise.js'
import { Owner } from '../src/runtime/owner.js'
import { Tombstones } from '../src/session/tombstones.js'
import type { ObjectRef } from '@stigmergy/core'
import { CborCodec, CountingIds, StigmergyError } from '@stigmergy/core'
import { contentDigest, sameContent } from '../src/digest.js'
import { isName } from '../src/app/names.js'

function object(seq: number): ObjectRef {
  const producer = { fn: '', invocation: '', attempt: 1 }
  return { bucket: 'b', session: '', key: `k${seq}`, seq, at: 0, bytes: 1, hops: 0, producer }
}

test('a copy of a state shares nothing that can change', (t) => {
  const state = {
    list: [1, { deep: [2] }],
    map: new Map([['k', { n: 1 }]]),
    set: new Set([1]),
    bytes: new Uint8Array([1, 2]),
    nothing: null,
    text: 'x',
  }
  const copy = copyState(state) as typeof state
  t.deepEqual(copy, state)
  ;(state.list[1] as { deep: number[] }).deep.push(3)
  state.map.get('k')!.n = 2
  state.set.add(2)
  state.bytes[0] = 9
  t.deepEqual(copy.list, [1, { deep: [2] }])
  t.deepEqual(copy.map.get('k'), { n: 1 })
  t.deepEqual([...copy.set], [1])
  t.deepEqual([...copy.bytes], [1, 2])
})

test('a copy of a state shares what cannot change', (t) => {
  const frozen = Object.freeze({ deep: Object.freeze([1]) })
  const copy = copyState({ frozen, list: [frozen] }) as { frozen: object; list: object[] }
  t.is(copy.frozen, frozen)
  t.is(copy.list[0], frozen)
})

test('a copy of a state keeps fields that objects inherit elsewhere', (t) => {
  const state = JSON.parse('{"__proto__": {"own": 1}, "constructor": 2}') as object
  const copy = copyState(state) as object
  t.deepEqual(Object.keys(copy), ['__proto__', 'constructor'])
  t.is(Object.getPrototypeOf(copy), Object.prototype)
})

test('the random generator gives numbers from 0 to 1 that depend on the seed only, evenly', (t) => {
  const take = (seed: string, count: number): number[] => {
    let state = seedOf(seed)
    return Array.from({ length: count }, () => randomOf((state = nextState(state))))
  }
  t.deepEqual(take('a', 10), take('a', 10))
  t.notDeepEqual(take('a', 10), take('b', 10))
  const many = take('evenly', 20_000)
  t.true(many.every((number) => number >= 0 && number < 1))
  for (let decile = 0; decile < 10; decile += 1) {
    const share = many.filter((number) => Math.floor(number * 10) === decile).length / many.length
    t.true(Math.abs(share - 0.1) < 0.01, `${share} in decile ${decile}`)
  }
})

test('texts are compared as their UTF-8 bytes are', (t) => {
  const sorted = ['', 'a', 'a\0', 'ab', 'b', 'é', '\uff5e', '😀']
  for (const [at, left] of sorted.entries())
    for (const [other, right] of sorted.entries())
      t.is(Math.sign(compareBytes(left, right)), Math.sign(at - other))
})

test('pending objects are found by their number and listed by their age', (t) => {
  const pending = new Pending()
  for (const seq of [1, 3, 5, 7]) pending.add(object(seq))
  t.is(pending.take(5)?.seq, 5)
  t.is(pending.take(5), undefined)
  t.is(pending.take(4), undefined)
  pending.add(object(6))
  t.deepEqual([...pending.keys()], [1, 3, 6, 7])
  t.is(pending.oldest?.seq, 1)
  t.true(pending.has(6))
  t.is(pending.get(6)?.key, 'k6')
  t.is(pending.take(1)?.seq, 1)
  t.is(pending.oldest?.seq, 3)
  t.is(pending.size, 3)
  pending.clear()
  t.deepEqual([pending.size, pending.oldest, [...pending.values()].length], [0, undefined, 0])
})

test('pending objects behave as a sorted map does, whatever happens to them', (t) => {
  const pending = new Pending()
  const model = new Map<number, ObjectRef>()
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % below
  }
  for (let step = 0; step < 20_000; step += 1) {
    const seq = step - (random(20) === 0 ? random(5) : 0)
    const known = [...model.keys()]
    if (random(5) < 3 && !model.has(seq)) {
      pending.add(object(seq))
      model.set(seq, object(seq))
    } else {
      const victim = random(2) === 0 ? Math.min(...known) : (known[random(known.length || 1)] ?? -1)
      t.is(pending.take(victim)?.seq, model.get(victim)?.seq)
      model.delete(victim)
    }
    if (model.size > 150)
      for (const key of [...model.keys()].slice(20)) if (pending.take(key)) model.delete(key)
    if (step % 100 === 0) {
      const sorted = [...model.keys()].sort((a, b) => a - b)
      t.deepEqual([...pending.keys()], sorted)
      t.is(pending.oldest?.seq, sorted[0])
    }
    t.is(pending.size, model.size)
  }
})

test('between half of the limit and the limit, keys are remembered', (t) => {
  for (const limit of [0, 1, 2, 3, 10, 101]) {
    const keys = new RememberedKeys(limit)
    for (let n = 0; n < 1_000; n += 1) keys.add(undefined, `k${n}`)
    const known = Array.from({ length: 1_000 }, (_, n) => keys.has(undefined, `k${n}`))
    const count = known.filter(Boolean).length
    t.true(count >= Math.floor(limit / 2) && count <= limit + 1, `${count} of ${limit}`)
    t.is(known.lastIndexOf(true), limit === 0 ? -1 : 999)
    t.false(keys.has('role', 'k999'))
  }
})

test('names of what is over are kept for their time, and no more than the limit', (t) => {
  const tombstones = new Tombstones(100, 10)
  tombstones.add('a', 0)
  t.true(tombstones.has('a', 99))
  t.false(tombstones.has('a', 100))
  for (let n = 0; n < 100; n += 1) tombstones.add(`n${n}`, 200)
  t.true(tombstones.size <= 10)
  t.true(tombstones.has('n99', 200))
  t.false(tombstones.has('n0', 200))
})

test('a result that nobody asks for is no unhandled rejection, and one that is asked for is kept', async (t) => {
  const ignored = new LazyPromise<number>()
  ignored.reject(new Error('ignored'))
  const late = new LazyPromise<number>()
  late.resolve(1)
  late.reject(new Error('too late'))
  t.is(await late.promise, 1)
  t.is(late.promise, late.promise)
  const early = new LazyPromise<number>()
  const { promise } = early
  early.reject(new Error('as it is'))
  await t.throwsAsync(promise, { message: 'as it is' })
  t.true(ignored.settled)
})

test('an owner ends what it holds, newest first, in the way that each can be ended', async (t) => {
  const log: string[] = []
  const owner = new Owner()
  owner.own({ close: async () => void log.push('close') })
  owner.own({ [Symbol.dispose]: () => void log.push('dispose'), close: () => void log.push('not this') })
  owner.own({
    [Symbol.asyncDispose]: async () => void log.push('asyncDispose'),
    [Symbol.dispose]: () => undefined,
  })
  t.is(owner.own('text'), 'text')
  t.is(owner.own(undefined), undefined)
  t.is(owner.close(), owner.close())
  await owner.close()
  t.deepEqual(log, ['asyncDispose', 'dispose', 'close'])
})

test('session names are unique and known again', (t) => {
  const [one, two] = [new CountingIds(), new CountingIds()]
  const [a, b] = [one.session(), one.session()]
  t.not(a, b)
  t.true(one.issued(a) && one.issued(b))
  t.false(one.issued(two.session()))
  for (const name of [`${a}x`, `${a}0`, a.slice(0, -1), `${a.slice(0, -1)}00`, '', `${a.slice(0, -1)}zzz`])
    t.false(one.issued(name), name)
})

test('a name is 1 to 512 bytes of well-formed UTF-8', (t) => {
  for (const name of ['a', '\0', '😀', 'x'.repeat(512), 'é'.repeat(256)]) t.true(isName(name))
  for (const name of ['', 'x'.repeat(513), 'é'.repeat(257), '\ud83d', '\ude00a', 5, null, undefined])
    t.false(isName(name))
})

test('values are read back equal, and what cannot be written is told', (t) => {
  const codec = new CborCodec()
  const values = [
    null,
    true,
    1.5,
    2 ** 53,
    12n,
    'text',
    [1, [2]],
    { a: { b: 1 } },
    new Map([[{ k: 1 }, new Set([1])]]),
    new Date(5),
    new Uint8Array([1, 2]),
    new Float64Array([1.5]),
    undefined,
  ]
  for (const value of values) t.deepEqual(codec.decode(codec.encode(value)), value)
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  for (const value of [() => 1, Symbol('s'), cyclic])
    t.throws(() => codec.encode(value), { code: 'STG_CODEC_UNSUPPORTED' }, String(typeof value))
  t.throws(() => codec.decode(new Uint8Array([0xff, 0xff])), { code: 'STG_CODEC_UNSUPPORTED' })
})

test('content is the same whatever the order of fields, and different wherever it differs', (t) => {
  const codec = new CborCodec()
  const same: readonly (readonly [unknown, unknown])[] = [
    [
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
    ],
    [Number.NaN, Number.NaN],
    [new Uint8Array([1]), new Uint8Array([1])],
    [new Map([['k', 1]]), new Map([['k', 1]])],
  ]
  const different: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1 }, { a: 2 }],
    [{ a: undefined }, {}],
    [
      [1, 2],
      [2, 1],
    ],
    ['1', 1],
    [null, undefined],
    [new Uint8Array([1]), [1]],
    [new Map([['k', 1]]), { k: 1 }],
    [new Date(1), new Date(2)],
  ]
  for (const [a, b] of same) t.true(sameContent(a, b, codec))
  for (const [a, b] of different) t.false(sameContent(a, b, codec), JSON.stringify([a, b]))
  t.is(contentDigest({ a: 1, b: 2 }, codec), contentDigest({ b: 2, a: 1 }, codec))
  const [one, two] = [() => 1, () => 1]
  t.true(sameContent({ one }, { one }, codec))
  t.false(sameContent({ one }, { one: two }, codec))
})

test('an error is known by its code, also one from another copy of the package', (t) => {
  const error = new StigmergyError('STG_CLOSED', 'closed')
  t.true(StigmergyError.is(error))
  t.true(StigmergyError.is(error, 'STG_CLOSED'))
  t.false(StigmergyError.is(error, 'STG_STORE_FULL'))
  const foreign = Object.assign(new Error('closed'), {
    code: 'STG_CLOSED',
    [Symbol.for('stigmergy.error')]: true,
  })
  t.true(StigmergyError.is(foreign, 'STG_CLOSED'))
  for (const other of [new Error('x'), null, undefined, 'STG_CLOSED', { code: 'STG_CLOSED' }])
    t.false(StigmergyError.is(other))
})
