import { once } from 'node:events'
import { sharedNow } from '../../shared-clock.js'
import type { Copy } from './copy.js'
import { endProcess, startProcess } from './programs.js'

/** Bytes and the time of the call, as they go to a child process. */
export interface CloneMessage {
  readonly sent: number
  readonly bytes: Uint8Array
}

/** The channel to a child process, with structured clone for its messages. */
export async function openCloneCopy(): Promise<Copy> {
  const child = startProcess('copy-clone-worker', [], { serialization: 'advanced' })
  await once(child, 'message')
  return {
    send: async (bytes) => {
      const answered = once(child, 'message')
      child.send({ sent: sharedNow(), bytes } satisfies CloneMessage)
      const [lap] = (await answered) as [number]
      return lap
    },
    close: () => endProcess(child),
  }
}
