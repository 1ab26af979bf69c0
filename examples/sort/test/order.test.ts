import test from 'ava'
import { Sorter } from '../src/order.js'
import { recordsOf, recordsWith } from './records.js'

function orderOf(keys: readonly string[], sorter = new Sorter()): readonly number[] {
  return Array.from(sorter.order(recordsOf(recordsWith(keys)), keys.length))
}

test('bytes above 127 are higher than those below', (t) => {
  t.deepEqual(orderOf(['\xff', '\x7f', '\x80', '\0']), [3, 1, 2, 0])
})

for (const [part, prefix] of [
  ['first', ''],
  ['second', '----'],
  ['last', '--------'],
] as const)
  test(`many records that differ in the ${part} part of the key are in its order`, (t) => {
    const keys = Array.from(
      { length: 90 },
      (_, index) => prefix + String.fromCharCode(33 + ((index * 7) % 90)),
    )
    const expected = keys.map((_, index) => index).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1))
    t.deepEqual(orderOf(keys), expected)
  })

test('many equal records stay as they stand', (t) => {
  const keys = Array.from({ length: 500 }, () => 'same')
  t.deepEqual(
    orderOf(keys),
    keys.map((_, index) => index),
  )
})

test('a sorter forgets what it sorted before', (t) => {
  const sorter = new Sorter()
  const many = Array.from({ length: 200 }, (_, index) => String(999 - index))
  orderOf(many, sorter)
  t.deepEqual(orderOf(['b', 'a'], sorter), [1, 0])
})
