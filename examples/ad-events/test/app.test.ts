import { ManualClock } from '@stigmergy/conformance'
import test from 'ava'
import { defineRuntime, provide, start, Tokens } from 'stigmergy'
import { adEvents, type Window } from '../src/app.js'

const campaignOf = new Map([
  ['boots', 'shoes'],
  ['sandals', 'shoes'],
  ['tea', 'drinks'],
])

/** The app on a clock that stands at `startMs`, and the windows that it has fired. */
async function running(startMs: number) {
  const clock = new ManualClock(startMs)
  const windows: Window[] = []
  const app = adEvents(campaignOf, (window) => windows.push(window))
  const runtime = await start(defineRuntime({ provide: [provide(Tokens.Clock, clock)] }), app)
  const { events, located } = app.handles
  const view = (ad: string, kind: 'view' | 'click' = 'view') => runtime.put(events, undefined, { ad, kind })
  const arrived = (count: number) =>
    until(() => runtime.bucket(located).trigger('count').ledger.admitted === count)
  return { clock, windows, runtime, view, arrived }
}

/** Gives others their turns until `holds`. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('What the test waits for has not happened')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a window has the views of its second, by campaign', async (t) => {
  const { clock, windows, runtime, view, arrived } = await running(10_000)
  await using _runtime = runtime
  for (const ad of ['boots', 'tea', 'sandals']) await view(ad)
  await arrived(3)
  clock.advance(1_000)
  await view('tea')
  await arrived(4)
  clock.advance(1_000)
  await until(() => windows.length === 2)
  t.deepEqual(windows, [
    {
      start: 10_000,
      end: 11_000,
      views: new Map([
        ['shoes', 2],
        ['drinks', 1],
      ]),
      isCut: false,
    },
    { start: 11_000, end: 12_000, views: new Map([['drinks', 1]]), isCut: false },
  ])
})

test('clicks and unknown advertisements are not counted', async (t) => {
  const { clock, windows, runtime, view, arrived } = await running(10_000)
  await using _runtime = runtime
  await view('boots', 'click')
  await view('unknown')
  await view('tea')
  await arrived(1)
  clock.advance(1_000)
  await until(() => windows.length === 1)
  t.deepEqual([...(windows[0]?.views ?? [])], [['drinks', 1]])
})

test('closing the runtime fires the window that is still open', async (t) => {
  const { windows, runtime, view } = await running(10_000)
  await view('tea')
  await runtime.close()
  t.deepEqual(windows, [{ start: 10_000, end: 11_000, views: new Map([['drinks', 1]]), isCut: true }])
})
