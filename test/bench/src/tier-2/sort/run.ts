import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { MemoryWatch } from './memory-watch.js'

/** A command. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How a command went. */
export interface Finished {
  readonly ms: number
  /** Resident memory of the process and of all that it has started, at most; undefined where the system does not tell. */
  readonly peakMemoryBytes: number | undefined
}

/** Runs a command to its end. It is ended with this process. Throws if it fails. */
export async function runToEnd({ program, args, env }: Command): Promise<Finished> {
  const begun = performance.now()
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  const end = (): void => void child.kill()
  process.once('exit', end)
  try {
    const complaints = text(child.stderr)
    await once(child, 'spawn')
    using memory = new MemoryWatch(child.pid!)
    const [code] = (await once(child, 'close')) as [number | null]
    const ms = performance.now() - begun
    if (code !== 0) throw new Error(`${program} has failed: ${await complaints}`)
    return { ms, peakMemoryBytes: memory.peakBytes }
  } finally {
    process.off('exit', end)
  }
}
