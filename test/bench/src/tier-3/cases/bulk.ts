import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MemoryObjectStore, tcp } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../../case.js'
import { atLeast, timesOf, type Target } from '../../target.js'
import { endProcess } from '../../tier-2/peers/programs.js'

const bytes = 1e8
const rawStream = 'raw TCP stream'

/**
 * The work: a process has bytes that another one wants to have in its memory. Ours come into its store, authenticated and checked; the peer
 * reads what it gets into one array.
 */
export const bulk: Case = {
  name: 'bulk-100mb',
  figure: `how fast ${bytes.toLocaleString('en')} bytes come from the memory of one process into that of another, over loopback`,
  unit: 'MB/s',
  rounds: 20,
  warmUps: 3,
  subjects: [
    { name: ours, open: openOurs },
    { name: rawStream, open: openRaw },
  ],
}

/** What bulk transfer is to reach. */
export const bulkTarget: Target = atLeast(
  0.8,
  '×',
  'bulk transfer of 100 MB against a raw TCP stream',
  timesOf(bulk.name, bulk.name, rawStream),
)

async function openOurs(effort: Effort): Promise<Probe> {
  const secret = randomBytes(32)
  const lender = await startLender(effort.size(bytes), secret)
  const store = new MemoryObjectStore()
  const port = await tcp().open({ store, secret })
  const fetchOnce = async (): Promise<number> => {
    const begun = performance.now()
    const handle = await port.fetch(lender.ticket)
    const ms = performance.now() - begun
    store.release(handle)
    return effort.size(bytes) / ms / 1e3
  }
  return probe(
    async () => [await fetchOnce()],
    async () => {
      await port.close()
      await lender.close()
    },
  )
}

async function openRaw(effort: Effort): Promise<Probe> {
  const lender = await startLender(effort.size(bytes), randomBytes(32))
  let target = Buffer.alloc(0)
  const spare = Buffer.alloc(1)
  let filled = 0
  let arrived: () => void = () => undefined
  const socket = connect({
    port: lender.raw,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      // Never empty, although nothing is to come.
      buffer: () => (filled < target.length ? target.subarray(filled) : spare),
      callback: (count) => {
        filled += count
        if (filled === target.length) arrived()
        return true
      },
    },
  })
  await once(socket, 'connect')
  const readOnce = async (): Promise<number> => {
    const begun = performance.now()
    target = Buffer.alloc(effort.size(bytes))
    filled = 0
    await new Promise<void>((resolve) => {
      arrived = resolve
      socket.write('?')
    })
    return target.length / (performance.now() - begun) / 1e3
  }
  return probe(
    async () => [await readOnce()],
    async () => {
      socket.destroy()
      await lender.close()
    },
  )
}

interface Lender {
  readonly raw: number
  readonly ticket: Uint8Array
  readonly close: () => Promise<void>
}

async function startLender(size: number, secret: Buffer): Promise<Lender> {
  const module = new URL(`../peers/bulk-worker${extname(import.meta.url)}`, import.meta.url)
  const child = fork(fileURLToPath(module), [String(size), secret.toString('hex')])
  const [told] = (await once(child, 'message')) as [{ readonly raw: number; readonly ticket: string }]
  return { raw: told.raw, ticket: Buffer.from(told.ticket, 'hex'), close: () => endProcess(child) }
}
