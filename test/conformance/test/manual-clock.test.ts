import test from 'ava'
import { ManualClock } from '@stigmergy/conformance'

test('time stands still until it is moved, and begins where it is told to', (t) => {
  const clock = new ManualClock(5)
  t.is(clock.now(), 5)
  clock.advance(3)
  t.is(clock.now(), 8)
})

test('timers run at their own times, in the order of their times and then of their arming', (t) => {
  const clock = new ManualClock()
  const rung: string[] = []
  const ring = (name: string) => () => rung.push(`${name} at ${clock.now()}`)
  clock.setTimer(20, ring('late'))
  clock.setTimer(10, ring('one'))
  clock.setTimer(10, ring('other'))
  clock.advance(9)
  t.deepEqual(rung, [])
  clock.advance(11)
  t.deepEqual(rung, ['one at 10', 'other at 10', 'late at 20'])
})

test('a timer that is armed while time passes runs on the way', (t) => {
  const clock = new ManualClock()
  const rung: number[] = []
  clock.setTimer(10, () => clock.setTimer(15, () => rung.push(clock.now())))
  clock.advance(20)
  t.deepEqual(rung, [15])
})

test('a cancelled timer does not run', (t) => {
  const clock = new ManualClock()
  clock.setTimer(10, () => t.fail()).cancel()
  clock.advance(10)
  t.is(clock.armed, 0)
})

test('after a jump overdue timers run once, in order, at the present time', (t) => {
  const clock = new ManualClock()
  const rung: string[] = []
  clock.setTimer(20, () => rung.push(`b at ${clock.now()}`))
  clock.setTimer(10, () => rung.push(`a at ${clock.now()}`))
  clock.jump(3_600_000)
  t.deepEqual(rung, [])
  clock.runDue()
  clock.runDue()
  t.deepEqual(rung, ['a at 3600000', 'b at 3600000'])
})

test('time that is over does not come back', (t) => {
  const clock = new ManualClock(100)
  clock.set(50)
  clock.jump(-50)
  t.is(clock.now(), 100)
})

test('a timer that arms itself again for now is found out', (t) => {
  const clock = new ManualClock()
  const again = () => void clock.setTimer(clock.now(), again)
  again()
  t.throws(() => clock.advance(0), { message: /arms itself again/ })
})
