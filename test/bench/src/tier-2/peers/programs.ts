import { type ChildProcess, fork, type ForkOptions } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** The module of a peer's worker, which stands beside this one, in the sources as in what is built. */
export function programOf(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
}

/** Starts a thread, from what is built: the loader of tests does not follow into threads. It ends with the process at the latest. */
export function startThread(name: string, options: WorkerOptions = {}): Worker {
  return new Worker(programOf(name), options)
}

/** Starts a process, which ends when it is told to by `endProcess`, or when this one has ended and so closed the channel. */
export function startProcess(name: string, args: readonly string[], options: ForkOptions = {}): ChildProcess {
  return fork(fileURLToPath(programOf(name)), args, options)
}

/** Ends a process by its id, and waits until it has. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
