import test from 'ava'
import { ManualClock } from '@stigmergy/conformance'
import { TimerQueue } from '@stigmergy/core/cell'
import { SteadyClock, SystemClock } from '@stigmergy/core'

function queue() {
  const clock = new ManualClock(0)
  const timers = new TimerQueue(clock)
  const rang: string[] = []
  const arm = (dueAt: number, id: string) =>
    timers.arm(dueAt, id, () => void rang.push(`${id} at ${clock.now()}`))
  return { clock, timers, rang, arm }
}

test('timers ring by their time, then by their id, then in the order in which they were armed', (t) => {
  const { clock, timers, rang } = queue()
  for (const [dueAt, id, mark] of [
    [20, 'a', 1],
    [10, 'b', 2],
    [10, 'a', 3],
    [10, 'a', 4],
  ] as const)
    timers.arm(dueAt, id, () => void rang.push(`${dueAt} ${id} ${mark}`))
  clock.advance(20)
  t.deepEqual(rang, ['10 a 3', '10 a 4', '10 b 2', '20 a 1'])
  t.is(timers.size, 0)
  t.is(clock.armed, 0)
})

test('a timer rings when its time has come, not before and not twice', (t) => {
  const { clock, timers, rang, arm } = queue()
  arm(10, 'a')
  clock.advance(9)
  t.deepEqual(rang, [])
  clock.advance(1)
  clock.advance(100)
  t.deepEqual(rang, ['a at 10'])
  t.is(timers.nextDueAt, Infinity)
})

test('what is due before now can be run without what is due now', (t) => {
  const { clock, timers, rang, arm } = queue()
  for (const dueAt of [9, 10]) arm(dueAt, `for ${dueAt}`)
  clock.jump(10)
  timers.runDue(10, false)
  t.deepEqual(rang, ['for 9 at 10'])
  clock.runDue()
  t.deepEqual(rang, ['for 9 at 10', 'for 10 at 10'])
})

test('a timer that is disarmed does not ring, and disarming it again does nothing', (t) => {
  const { clock, timers, rang, arm } = queue()
  const [first, second] = [arm(10, 'a'), arm(20, 'b')]
  timers.disarm(first)
  timers.disarm(first)
  t.is(timers.size, 1)
  t.is(clock.nextDueAt, 20)
  clock.advance(20)
  timers.disarm(second)
  t.deepEqual(rang, ['b at 20'])
  t.is(clock.armed, 0)
})

test('a timer may arm, replace and disarm others while it rings', (t) => {
  const { clock, timers, rang, arm } = queue()
  const victim = arm(10, 'victim')
  timers.arm(10, 'killer', () => {
    timers.disarm(victim)
    arm(10, 'next')
    arm(5, 'overdue')
  })
  clock.advance(10)
  t.deepEqual(rang, ['overdue at 10', 'next at 10'])
  t.is(timers.size, 0)
})

test('a timer that arms one for a moment that has passed keeps none of the overdue ones waiting', (t) => {
  const { clock, timers, rang, arm } = queue()
  timers.arm(5, 'again', () => {
    arm(1, 'armed meanwhile')
  })
  arm(8, 'overdue')
  clock.jump(10)
  timers.runDue(10, false)
  t.deepEqual(rang, ['overdue at 10'])
  t.is(timers.nextDueAt, 1)
  timers.runDue(10, false)
  t.deepEqual(rang, ['overdue at 10', 'armed meanwhile at 10'])
  t.is(timers.size, 0)
})

test('a timer that throws keeps none of the others from ringing', (t) => {
  const { clock, timers, rang, arm } = queue()
  timers.arm(10, 'a', () => {
    throw new Error('broken')
  })
  arm(10, 'b')
  arm(20, 'c')
  t.throws(() => clock.advance(20), { message: 'broken' })
  clock.advance(20)
  t.deepEqual(rang, ['b at 10', 'c at 20'])
})

test('many timers, armed and disarmed at random, ring in their order', (t) => {
  const { clock, timers } = queue()
  let seed = 42
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % below
  }
  const expected: number[] = []
  const rang: number[] = []
  const armed = new Map<number, ReturnType<TimerQueue['arm']>>()
  for (let n = 0; n < 5_000; n += 1) {
    if (random(3) === 0 && armed.size > 0) {
      const [[id, timer]] = armed as unknown as [[number, ReturnType<TimerQueue['arm']>]]
      timers.disarm(timer)
      armed.delete(id)
    } else
      armed.set(
        n,
        timers.arm(random(1_000), '', () => void rang.push(n)),
      )
  }
  t.is(timers.size, armed.size)
  for (const [n] of [...armed].sort(([a, x], [b, y]) => x.dueAt - y.dueAt || a - b)) expected.push(n)
  clock.advance(1_000)
  t.deepEqual(rang, expected)
  t.is(clock.armed, 0)
})

test('a queue that is closed rings no more and leaves no timer', (t) => {
  const { clock, timers, rang, arm } = queue()
  arm(10, 'a')
  timers.close()
  clock.advance(10)
  t.deepEqual(rang, [])
  t.is(clock.armed, 0)
})

test('the clock of the system never runs backwards, rings in time, and can be told not to', async (t) => {
  const clock = new SystemClock()
  const began = clock.now()
  const rang: string[] = []
  const cancelled = clock.setTimer(began + 1, () => void rang.push('cancelled'))
  cancelled.cancel()
  await new Promise<void>((resolve) => {
    clock.setTimer(began + 5, () => {
      rang.push('rang')
      resolve()
    })
  })
  t.true(clock.now() >= began + 5)
  t.deepEqual(rang, ['rang'])
})

test('the steady clock has what is due run in the next turn of the event loop, unless it is told not to', async (t) => {
  const clock = new SteadyClock()
  const rang: string[] = []
  clock.setTimer(clock.now(), () => void rang.push('due'))
  clock.setTimer(clock.now() - 1, () => void rang.push('cancelled')).cancel()
  await Promise.resolve()
  t.deepEqual(rang, [])
  await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(rang, ['due'])
})
