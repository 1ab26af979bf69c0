import { defineApp, immediate } from 'stigmergy'

/** How many functions the chain has. */
export const chainLength = 1_000

/** A number goes through 1,000 different functions on any worker, each of which adds 1. */
export const chainApp = defineApp('chain', (app) => {
  const last = app.fn<number, number>(`step-${chainLength - 1}`, ({ value }, { reply }) => reply(value + 1))
  let next = last
  for (let step = chainLength - 2; step >= 0; step -= 1) {
    const bucket = app.bucket<number>(`items-${step}`)
    bucket.when(immediate(), next)
    next = app.fn<number, number>(`step-${step}`, async ({ value }, { put }) => {
      await put(bucket, undefined, value + 1)
    })
  }
  return { first: next }
})
