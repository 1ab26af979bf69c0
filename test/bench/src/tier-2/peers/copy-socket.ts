import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { sharedNow } from '../../shared-clock.js'
import type { Copy } from './copy.js'
import { frameOf, readFrames } from './frames.js'
import { endProcess, startProcess } from './programs.js'

/** A unix socket: the bytes go through the kernel, behind their number and the time of the call. */
export async function openSocketCopy(scratch: string): Promise<Copy> {
  const path = join(scratch, `copy-${process.pid}`)
  const server = createServer().listen(path)
  await once(server, 'listening')
  const child = startProcess('copy-socket-worker', [path])
  const [socket] = (await once(server, 'connection')) as [Socket]
  let arrived: (lap: number) => void = () => undefined
  readFrames(socket, 1, ([lap]) => arrived(lap!))
  return {
    send: (bytes) =>
      new Promise((resolve) => {
        arrived = resolve
        socket.cork()
        socket.write(frameOf(sharedNow(), bytes.length))
        socket.write(bytes)
        socket.uncork()
      }),
    close: async () => {
      await endProcess(child)
      socket.destroy()
      server.close()
    },
  }
}
