import { defineApp, immediate } from 'stigmergy'
import { sharedNow } from '../../shared-clock.js'

/** What to hand over. */
export interface HandOver {
  readonly bytes: number
  /** Whether the bytes are put where the producer made them, so that the runtime has to copy them. */
  readonly copied: boolean
}

/** Bytes go from the home to a worker, which looks at the last one and replies how long it took, in µs. */
export const handOverApp = defineApp('hand-over', (app) => {
  const blocks = app.bucket<Uint8Array>('blocks')
  const send = app.fn<HandOver, number>(
    'send',
    async ({ value: { bytes, copied } }, { put, allocate }) => {
      const block = copied ? new Uint8Array(bytes) : await allocate(bytes)
      block.fill(1)
      await put(blocks, undefined, block, { meta: { sent: sharedNow() } })
    },
    { runOn: 'home' },
  )
  const receive = app.fn<Uint8Array, number>('receive', ({ objects: [block] }, { reply }) => {
    const last = block!.value.at(-1)
    const arrived = sharedNow()
    if (last !== 1) throw new Error('These are not the bytes that were sent')
    reply(arrived - Number(block!.meta?.['sent']))
  })
  blocks.when(immediate(), receive)
  return { send }
})
