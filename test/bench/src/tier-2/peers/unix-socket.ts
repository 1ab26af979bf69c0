import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Answers, inTurn } from './answers.js'
import { frameOf, readFrames } from './frames.js'
import { type Pool, pool } from './pool.js'
import { endProcess, startProcess } from './programs.js'
import { taskNames } from './tasks.js'

/** Processes and a unix socket to each of them, with frames of three numbers. */
export async function openUnixSocket(workers: number, scratch: string): Promise<Pool> {
  const answers = new Answers()
  const path = join(scratch, `socket-${process.pid}`)
  const server = createServer().listen(path)
  await once(server, 'listening')
  const children = Array.from({ length: workers }, () => startProcess('unix-socket-worker', [path]))
  const sockets: Socket[] = []
  while (sockets.length < workers) sockets.push(...((await once(server, 'connection')) as [Socket]))
  for (const socket of sockets) readFrames(socket, 2, ([id, value]) => answers.resolve(id!, value!))
  const next = inTurn(sockets)
  return pool(
    (task, value) => answers.expect((id) => next().write(frameOf(id, taskNames.indexOf(task), value))),
    async () => {
      await Promise.all(children.map(endProcess))
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  )
}
