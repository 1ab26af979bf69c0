import { defineRuntime, type RuntimeStats, start } from 'stigmergy'
import { AdGenerator, campaignsOfAds } from './ads.js'
import { adEvents, type Window } from './app.js'
import { paced } from './paced.js'

export interface StreamOptions {
  /** Events a second. */
  readonly rate: number
  readonly seconds: number
  readonly campaigns: number
  readonly seed: number
  /** Ends the stream early; what was sent is counted all the same. */
  readonly signal: AbortSignal
  readonly onWindow: (window: FiredWindow) => void
}

/** A window, and when it fired. */
export interface FiredWindow extends Window {
  /** ms after its end; negative when the end of the stream cut it short. */
  readonly latencyMs: number
}

/** What a stream came to. */
export interface Summary {
  readonly sent: number
  readonly sendingMs: number
  readonly windows: readonly FiredWindow[]
  /** The views of each campaign as the generator knows them. */
  readonly expected: ReadonlyMap<string, number>
  readonly runtime: RuntimeStats
}

/** Sends events through a runtime of its own, and waits until all of them are counted. */
export async function stream({
  rate,
  seconds,
  campaigns,
  seed,
  signal,
  onWindow,
}: StreamOptions): Promise<Summary> {
  const campaignOf = campaignsOfAds(campaigns)
  const generator = new AdGenerator(campaignOf, seed)
  const windows: FiredWindow[] = []
  const app = adEvents(campaignOf, (window) => {
    const fired = { ...window, latencyMs: Date.now() - window.end }
    windows.push(fired)
    onWindow(fired)
  })
  await using runtime = await start(defineRuntime(), app)
  const begun = performance.now()
  let sent = 0
  for await (const due of paced(rate, rate * seconds, signal)) {
    for (let event = 0; event < due; event += 1)
      await runtime.put(app.handles.events, undefined, generator.next())
    sent += due
  }
  const sendingMs = performance.now() - begun
  // Closing lets everything run to its end, and fires the window that is still open.
  await runtime.close()
  return { sent, sendingMs, windows, expected: generator.views, runtime: runtime.stats }
}
