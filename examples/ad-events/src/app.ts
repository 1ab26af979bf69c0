import { byTime, defineApp, type Fired, immediate } from 'stigmergy'
import type { AdEvent } from './ads.js'

/** The views of one second, by campaign. */
export interface Window {
  /** ms since epoch. */
  readonly start: number
  readonly end: number
  readonly views: ReadonlyMap<string, number>
  /** Whether it was fired before its end, because the stream is over. */
  readonly isCut: boolean
}

export const windowMs = 1_000

/** More views of one second than this are refused: their producer gets an error. */
const mostViews = 1_000_000

/**
 * Counts the views of each campaign, second by second: `events` → `filter` → `views` → `locate` → `located` → `count`.
 * Events belong to no session; the windows take what comes from everywhere.
 */
export function adEvents(campaignOf: ReadonlyMap<string, string>, onWindow: (window: Window) => void) {
  return defineApp('ad-events', (app) => {
    const events = app.bucket<AdEvent>('events')
    const views = app.bucket<AdEvent>('views')
    const located = app.bucket<string>('located')

    const filter = app.fn<AdEvent>('filter', async (fired, { put }) => {
      if (fired.value.kind === 'view') await put(views, undefined, fired.value)
    })
    const locate = app.fn<AdEvent>('locate', async (fired, { put }) => {
      const campaign = campaignOf.get(fired.value.ad)
      if (campaign !== undefined) await put(located, undefined, campaign)
    })
    const count = app.fn<string>('count', (fired) => onWindow(windowOf(fired)))

    events.when(immediate(), filter)
    views.when(immediate(), locate)
    located.when(byTime({ every: windowMs }), count, { maxPending: mostViews })
    return { events, views, located }
  })
}

function windowOf({ objects, window = { start: 0, end: 0 }, partial }: Fired<string>): Window {
  const views = new Map<string, number>()
  for (const { value } of objects) views.set(value, (views.get(value) ?? 0) + 1)
  return { ...window, views, isCut: partial }
}
