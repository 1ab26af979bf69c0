import test from 'ava'
import { quantile, summarise } from '../src/statistics.js'

test('the median of an odd number of figures is the middle one', (t) => {
  t.is(summarise([9, 1, 5]).median, 5)
})

test('the median of an even number of figures lies half-way between the middle two', (t) => {
  t.is(summarise([4, 1, 3, 2]).median, 2.5)
})

test('figures are ordered as numbers, not as texts', (t) => {
  t.like(summarise([10, 9, 100]), { min: 9, median: 10, max: 100 })
})

test('a single figure is its own summary', (t) => {
  t.deepEqual(summarise([7]), { median: 7, p99: 7, min: 7, max: 7 })
})

test('one figure in a hundred may lie above the 99th percentile', (t) => {
  const hundred = Array.from({ length: 101 }, (_, index) => index)
  t.is(summarise(hundred).p99, 99)
})

test('a quantile between two figures is interpolated', (t) => {
  t.is(quantile([0, 10], 0.25), 2.5)
})

test('no figures have no summary', (t) => {
  t.throws(() => summarise([]), { instanceOf: RangeError })
})

test('summing up leaves the figures in their order', (t) => {
  const figures = [3, 1, 2]
  summarise(figures)
  t.deepEqual(figures, [3, 1, 2])
})
