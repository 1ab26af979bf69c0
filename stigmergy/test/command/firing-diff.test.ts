import test from 'ava'
import { FiringDiff } from '../../src/command/log/firing-diff.js'

const firing = (...seqs: readonly number[]) => ({
  at: seqs[0] ?? 0,
  fn: 'fn',
  partition: {},
  objects: seqs.map((seq) => ({ key: 'k', session: '', seq })),
})

test('firings are the same when they have the same objects, in whichever run they come first', (t) => {
  const diff = new FiringDiff({ told: 10 })
  diff.addLogged(firing(1))
  diff.addReplayed(firing(1))
  diff.addReplayed(firing(2, 3))
  diff.addLogged(firing(2, 3))
  t.is(diff.same, 2)
  t.deepEqual(diff.first, [])
})

test('differences are told in order of time, with the run that has them', (t) => {
  const diff = new FiringDiff({ told: 10 })
  diff.addLogged(firing(5))
  diff.addLogged(firing(4))
  diff.addReplayed(firing(4, 5))
  const told = diff.first.map(({ at, run }) => `${at} ${run}`)
  t.deepEqual(told, ['4 logged', '4 replayed', '5 logged'])
  t.deepEqual([diff.onlyLogged, diff.onlyReplayed], [2, 1])
})

test('equal firings are counted one by one', (t) => {
  const diff = new FiringDiff({ told: 10 })
  for (let times = 0; times < 3; times += 1) diff.addLogged(firing(1))
  diff.addReplayed(firing(1))
  t.is(diff.same, 1)
  t.is(diff.onlyLogged, 2)
})

test('what has waited for longest counts as different when too many objects wait', (t) => {
  const diff = new FiringDiff({ told: 2, waiting: 4 })
  for (let seq = 1; seq <= 100; seq += 1) diff.addLogged(firing(seq))
  for (const seq of [1, 97, 98, 99, 100]) diff.addReplayed(firing(seq))
  t.is(diff.same, 4)
  t.deepEqual([diff.onlyLogged, diff.onlyReplayed], [96, 1])
  t.deepEqual(
    diff.first.map(({ at, run }) => `${at} ${run}`),
    ['1 logged', '1 replayed'],
  )
})
