import { defineApp, immediate } from 'stigmergy'
import { Stopwatch } from '../../stopwatch.js'
import { sharedNow } from '../../shared-clock.js'

/** What goes to a worker: when `put` was called, and how many times more there and back. */
interface Outward {
  readonly sent: number
  readonly left: number
}

/** What comes home: how long the way to the worker took, in µs. */
interface Homeward {
  readonly lap: number
  readonly left: number
}

/**
 * An object goes to a worker and back, as often as the request says. The laps, those of the ways to the worker, are kept by the
 * instance of the app that is at home.
 */
export const hopApp = defineApp('hop', (app) => {
  const laps: number[] = []
  const watch = new Stopwatch()
  const outward = app.bucket<Outward>('outward')
  const homeward = app.bucket<Homeward>('homeward')
  const near = app.bucket<number>('near')

  const send = app.fn<number>(
    'send',
    async ({ value: left }, { put }) => {
      await put(outward, undefined, { sent: sharedNow(), left })
    },
    { runOn: 'home' },
  )
  const receive = app.fn<Outward>('receive', async (fired, { put }) => {
    const arrived = sharedNow()
    const { sent, left } = fired.value
    await put(homeward, undefined, { lap: arrived - sent, left: left - 1 })
  })
  const sendAgain = app.fn<Homeward>(
    'send-again',
    async ({ value: { lap, left } }, { put }) => {
      laps.push(lap)
      if (left > 0) await put(outward, undefined, { sent: sharedNow(), left })
    },
    { runOn: 'home' },
  )
  outward.when(immediate(), receive)
  homeward.when(immediate(), sendAgain)

  /** The same without leaving the home. */
  const sendNear = app.fn<number>(
    'send-near',
    async ({ value: left }, { put }) => {
      watch.start()
      await put(near, undefined, left)
    },
    { runOn: 'home' },
  )
  const receiveNear = app.fn<number>(
    'receive-near',
    async (fired, { put }) => {
      watch.stop()
      const left = fired.value - 1
      if (left === 0) return
      watch.start()
      await put(near, undefined, left)
    },
    { runOn: 'home' },
  )
  near.when(immediate(), receiveNear)

  return { send, sendNear, takeLaps: () => laps.splice(0), watch }
})
