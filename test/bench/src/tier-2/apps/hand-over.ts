import { defineApp, immediate } from 'stigmergy'
import { sharedNow } from '../../shared-clock.js'

/** What to hand over. */
export interface HandOver {
  readonly bytes: number
  /** Whether the bytes are put where the producer made them, so that the runtime has to copy them. */
  readonly copied: boolean
  /** How many small blocks are handed over in between, once the bytes are made. */
  readonly before: number
}

const smallBytes = 1_000

/**
 * Bytes go from the home to a worker, which looks at the last one and replies how long it took, in µs. While many bytes are made the
 * worker falls asleep and the caches fill with them; small blocks go first, so that traffic flows whatever the size.
 */
export const handOverApp = defineApp('hand-over', (app) => {
  const blocks = app.bucket<Uint8Array>('blocks')
  const answers = app.bucket<null>('answers')
  let answered: () => void = () => undefined
  const send = app.fn<HandOver, number>(
    'send',
    async ({ value: { bytes, copied, before } }, { put, allocate }) => {
      const make = async (size: number): Promise<Uint8Array> =>
        (copied ? new Uint8Array(size) : await allocate(size)).fill(1)
      const block = await make(bytes)
      for (let left = before; left > 0; left -= 1) {
        const small = await make(smallBytes)
        const answer = new Promise<void>((resolve) => (answered = resolve))
        await put(blocks, undefined, small, { meta: { sent: sharedNow(), isLast: false } })
        await answer
      }
      await put(blocks, undefined, block, { meta: { sent: sharedNow(), isLast: true } })
    },
    { runOn: 'home' },
  )
  const receive = app.fn<Uint8Array, number>('receive', async ({ objects: [block] }, { put, reply }) => {
    const last = block!.value.at(-1)
    const arrived = sharedNow()
    if (last !== 1) throw new Error('These are not the bytes that were sent')
    if (block!.meta?.['isLast'] === true) reply(arrived - Number(block!.meta['sent']))
    else await put(answers, undefined, null)
  })
  const hear = app.fn<null>('hear', () => answered(), { runOn: 'home' })
  blocks.when(immediate(), receive)
  answers.when(immediate(), hear)
  return { send }
})
