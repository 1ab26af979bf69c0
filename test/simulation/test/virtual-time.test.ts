import test from 'ava'
import { VirtualTime } from '../src/virtual-time.js'

test('what is due after a deadline happens when time gets there', async (t) => {
  const time = new VirtualTime()
  const seen: number[] = []
  const start = time.now()
  time.after(10, () => seen.push(time.now() - start))
  t.false(await time.until(() => false, start + 5))
  t.deepEqual(seen, [])
  t.false(await time.until(() => false, start + 20))
  t.deepEqual(seen, [10])
})

test('events happen in the order of their moments, and those of one moment in the order in which they were asked for', async (t) => {
  const time = new VirtualTime()
  const seen: string[] = []
  for (const [at, name] of [
    [30, 'c'],
    [10, 'a'],
    [30, 'd'],
    [20, 'b'],
  ] as const)
    time.after(at, () => seen.push(name))
  time.after(15, () => seen.push('never')).cancel()
  await time.until(() => false, time.now() + 100)
  t.deepEqual(seen, ['a', 'b', 'c', 'd'])
})
