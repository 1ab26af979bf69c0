import { setTimeout } from 'node:timers/promises'
import { campaignsOfAds } from '../../../examples/ad-events/src/ads.js'
import { adEvents } from '../../../examples/ad-events/src/app.js'
import { race } from '../../../examples/first-of-n/src/app.js'

/** The examples' apps that functions make, made at the top level, so that workers find them. What they tell goes to the console. */

export const campaignOf = campaignsOfAds(5)

export const ads = adEvents(campaignOf, ({ start, views }) =>
  console.log(JSON.stringify({ start, views: [...views] })),
)

/** How long each replica takes, in ms: the second and the fourth answer, the others are cancelled. */
const workMs = [60_000, 1, 60_000, 1, 60_000]

export const replicas = race(2, workMs.length, async (replica, signal) => {
  await setTimeout(workMs[replica - 1], undefined, { signal })
})
