import { sharedNow } from '../../shared-clock.js'
import type { CloneMessage } from './copy-clone.js'

process.on('message', ({ sent, bytes }: CloneMessage) => {
  const last = bytes.at(-1)
  const lap = sharedNow() - sent
  if (last === 1) process.send?.(lap)
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
