import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { byBatchSize, defineApp } from 'stigmergy'

/** Of each blob: ten times what a message of the servers takes. */
const blobBytes = 10_000_000

/** Where batches are noted, a line for each run: who ran it, and of each blob who has made it, and its digest. */
const notes = process.env['STIGMERGY_NOTES']

/** Large values that are put on one node, and read together on another. */
export default defineApp('blobs', (app) => {
  const blobs = app.bucket<Uint8Array>('blobs')
  const make = app.fn<number, string>('make', async ({ value: seed }, { put, reply }) => {
    const blob = blobOf(seed)
    await put(blobs, `${process.pid} ${seed}`, blob)
    reply(digestOf(blob))
  })
  const pair = app.fn<Uint8Array>('pair', ({ objects }) => {
    const read = objects.map(({ key, value }) => ({
      madeBy: Number(key.split(' ')[0]),
      digest: digestOf(value),
    }))
    if (notes !== undefined) appendFileSync(notes, `${JSON.stringify({ ranOn: process.pid, read })}\n`)
  })
  const reverse = app.fn<Uint8Array, Uint8Array>('reverse', ({ value }, { reply }) => {
    reply(value.slice().reverse())
  })
  blobs.when(byBatchSize({ count: 2 }), pair)
  return { make, reverse }
})

/** Bytes of which no two parts are the same. */
export function blobOf(seed: number): Uint8Array {
  const numbers = new Uint32Array(blobBytes / 4)
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = Math.imul(at + seed, 2_654_435_761)
  return new Uint8Array(numbers.buffer)
}

export function digestOf(blob: Uint8Array): string {
  return createHash('sha256').update(blob).digest('hex')
}
