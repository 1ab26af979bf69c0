import type { Socket } from 'node:net'

type Done = (error?: NodeJS.ErrnoException | null) => void

/**
 * Makes a socket go on reading when a write fails, and calls `onFailed` then. Somebody who is gone takes no bytes, but what it had sent is
 * still to be read: a stream of Node.js would drop it.
 */
export function outliveWrites(socket: Socket, onFailed: () => void): void {
  const destroy = socket.destroy.bind(socket)
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  const tolerant =
    (done: Done): Done =>
    (error) => {
      if (error?.syscall !== 'write') return done(error)
      onFailed()
      done()
    }
  socket._write = (chunk, encoding, done) => write(chunk, encoding, tolerant(done))
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, tolerant(done))
  // A write that fails later ends the socket without asking its callback.
  socket.destroy = (error?: NodeJS.ErrnoException) => {
    if (error?.syscall !== 'write') return destroy(error)
    onFailed()
    return socket
  }
}
