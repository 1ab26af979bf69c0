import { type Case, type Effort, ours, type Probe, probe, type Subject } from '../../case.js'
import { handOverApp } from '../apps/hand-over.js'
import type { Copy } from '../peers/copy.js'
import { ourSubject } from '../workers.js'

/** The name of our subject whose producer makes the bytes where it likes. */
const copiedIn = `${ours}, copied in`

/** How large the values are, by what a case calls it. */
const sizes = { '1kb': 1e3, '1mb': 1e6, '10mb': 1e7, '100mb': 1e8 } as const

/**
 * The work: bytes are made in one process, and a function in another looks at the last of them. Ours are made in memory that
 * both share; what it takes to make them is not part of the figure. The peers have to copy them. Before each hand-over some small
 * ones flow, also with the peers, so that the figures differ by what the size costs and not by who had fallen asleep meanwhile.
 */
export const handOvers: readonly Case[] = Object.entries(sizes).map(([name, bytes]) => ({
  name: `handover-${name}`,
  figure: `from \`put\` of ${bytes.toLocaleString('en')} bytes to when a function in another process has read the last of them, while small ones flow`,
  unit: 'µs',
  rounds: 20,
  warmUps: 3,
  subjects: [
    ownSubject(ours, bytes, false),
    ownSubject(copiedIn, bytes, true),
    {
      name: 'unix socket',
      open: async (effort, scratch) => {
        const { openSocketCopy } = await import('../peers/copy-socket.js')
        return copies(await openSocketCopy(scratch), effort, bytes)
      },
    },
    {
      name: 'structured clone',
      open: async (effort) => {
        const { openCloneCopy } = await import('../peers/copy-clone.js')
        return copies(await openCloneCopy(), effort, bytes)
      },
    },
  ],
}))

/** Small hand-overs before each that counts. */
const before = 64

/** Fewer of the large ones, so that turns are about equally long. */
function handOversPerBatch(bytes: number): number {
  return Math.max(6, Math.min(100, Math.floor(3e8 / bytes)))
}

function ownSubject(name: string, bytes: number, copied: boolean): Subject {
  return ourSubject({
    name,
    kind: 'process',
    count: 1,
    app: handOverApp,
    batch: async (runtime, effort) => {
      const laps: number[] = []
      for (let count = handOversPerBatch(bytes); count > 0; count -= 1) {
        const session = runtime.invoke(handOverApp.handles.send, {
          bytes: effort.size(bytes),
          copied,
          before,
        })
        laps.push(await session.result)
        await session.ended
      }
      return laps
    },
  })
}

function copies(copy: Copy, effort: Effort, bytes: number): Probe {
  const block = new Uint8Array(effort.size(bytes)).fill(1)
  const small = new Uint8Array(1_000).fill(1)
  return probe(
    async () => {
      const laps: number[] = []
      for (let count = handOversPerBatch(bytes); count > 0; count -= 1) {
        for (let left = before; left > 0; left -= 1) await copy.send(small)
        laps.push(await copy.send(block))
      }
      return laps
    },
    () => copy.close(),
  )
}
