import test from 'ava'
import { ToldEnds } from '../src/cluster/told-ends.js'
import type { Closed } from '../src/contract/index.js'

function endOf(name: string, outcome: Closed['outcome'] = 'failed'): Closed {
  return { scope: 'invocation', name, outcome }
}

test('an end that comes again has the answer of the first time, on the next holder, too', (t) => {
  const ends = new ToldEnds()
  t.is(ends.answerTo(endOf('a')), undefined)
  ends.add(endOf('a'), true)
  ends.add(endOf('b'), false)
  const again = new ToldEnds(structuredClone(ends.state))
  for (const each of [ends, again]) {
    t.is(each.answerTo(endOf('a')), true)
    t.is(each.answerTo(endOf('b')), false)
    t.is(each.answerTo(endOf('a', 'succeeded')), undefined, 'another outcome is another end')
  }
})

test('facts of user code are told as often as they come', (t) => {
  const ends = new ToldEnds()
  const fact: Closed = { scope: 'producer', name: 'a', outcome: 'failed' }
  ends.add(fact, true)
  t.is(ends.answerTo(fact), undefined)
})

test('the last thousands of ends are remembered, and no more', (t) => {
  const ends = new ToldEnds()
  for (let count = 0; count < 25_000; count += 1) ends.add(endOf(`${count}`), true)
  const { told, absorbed } = ends.state
  t.true(told.young.length + told.old.length <= 10_000)
  t.true(absorbed.young.length + absorbed.old.length <= 10_000)
  t.is(ends.answerTo(endOf('24999')), true)
  t.is(ends.answerTo(endOf('0')), undefined)
})
