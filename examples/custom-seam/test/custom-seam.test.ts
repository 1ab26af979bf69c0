import test from 'ava'
import type { Runnable } from 'stigmergy'
import { treated } from '../src/clinic.js'
import { PriorityQueue } from '../src/priority-queue.js'
import { firstComeFirstServed, urgentFirst } from '../src/runtimes.js'

const patients = ['walk-in A', 'appointment B', 'walk-in C', 'emergency D', 'appointment E', 'emergency F']

test('without the queue patients are treated as they come', async (t) => {
  t.deepEqual(await treated(firstComeFirstServed, patients), patients)
})

test('with it emergencies come first, then appointments, each class as it comes', async (t) => {
  const order = ['emergency D', 'emergency F', 'appointment B', 'appointment E', 'walk-in A', 'walk-in C']
  t.deepEqual(await treated(urgentFirst, patients), order)
})

test('everything that was pushed comes back once', (t) => {
  const items = patients.map((session): Runnable => ({
    app: '',
    fn: 'treat',
    session,
    trigger: undefined,
    hops: 0,
    attempt: 1,
  }))
  const queue = new PriorityQueue([({ session }) => session.endsWith('C')])
  for (const item of items) queue.push(item)
  t.is(queue.size, items.length)
  const shifted = items.map(() => queue.shift())
  t.deepEqual(shifted.map((item) => item?.session.at(-1)).join(''), 'CABDEF')
  t.deepEqual([queue.shift(), queue.size], [undefined, 0])
})
