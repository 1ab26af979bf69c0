import type { Runtime } from 'stigmergy'
import type { Desk } from './desk.js'
import type { Interrupt } from './interrupt.js'

/** Closes the runtime when the user wants it; gives the closing, if it has begun. */
export function endOnSignal(
  desk: Desk,
  runtime: Runtime,
  { wantsEnd, wantsEndNow }: Interrupt,
): () => Promise<void> | undefined {
  let closing: Promise<void> | undefined
  wantsEnd.addEventListener('abort', () => {
    desk.tell('Finishing what runs; interrupt again to end at once.')
    closing = runtime.close()
    closing.catch(() => undefined)
  })
  wantsEndNow.addEventListener('abort', () => void runtime.close({ now: true }).catch(() => undefined))
  return () => closing
}
