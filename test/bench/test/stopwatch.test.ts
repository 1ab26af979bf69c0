import test from 'ava'
import { Stopwatch, timeEach, timePer } from '../src/stopwatch.js'

test('a stopwatch gives each lap once', (t) => {
  const watch = new Stopwatch()
  t.deepEqual(watch.take(), [])
  watch.start()
  watch.stop()
  t.is(watch.take().length, 1)
  t.deepEqual(watch.take(), [])
})

test('what the clock costs never makes a lap negative', (t) => {
  const watch = new Stopwatch()
  for (let lap = 0; lap < 1_000; lap += 1) {
    watch.start()
    watch.stop()
  }
  t.true(watch.take().every((lap) => lap >= 0))
})

test('timing each operation awaits one before the next and gives a figure for every one', async (t) => {
  let running = 0
  const figures = await timeEach(new Stopwatch(), 3, async () => {
    running += 1
    await Promise.resolve()
    t.is(running, 1)
    running -= 1
  })
  t.is(figures.length, 3)
})

test('timing operations together gives one figure', async (t) => {
  t.is((await timePer(10, () => Promise.resolve())).length, 1)
})
