import { type Case, type Effort, ours, type Probe, probe, type Subject } from '../../case.js'
import { burnApp } from '../apps/burn.js'
import { comlink, piscina, postMessage, tinypool } from '../peers/index.js'
import type { Peer } from '../peers/pool.js'
import { startOn, type WorkerKind } from '../workers.js'

/** So many items, each of which takes about two milliseconds. */
const items = 100
const loops = 2_000_000

/** The work: numbers are mapped by a function that only computes. It is done once by one worker and once by two. */
export const scaling: Case = {
  name: 'cpu-scaling',
  figure: 'how many times as fast 2 workers map 100 numbers by 2 ms of computing each as 1 worker does',
  unit: '×',
  rounds: 15,
  warmUps: 2,
  subjects: [
    ownSubject(ours, 'thread'),
    ownSubject(`${ours}, processes`, 'process'),
    ...[postMessage, piscina, tinypool, comlink].map(peerSubject),
  ],
}

/** Maps numbers by `burn`. */
interface Mapper {
  readonly map: (numbers: readonly number[]) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

function ownSubject(name: string, kind: WorkerKind): Subject {
  return {
    name,
    open: (effort) =>
      ratios(effort, async (workers) => {
        const runtime = await startOn(kind, workers, burnApp)
        return {
          map: (numbers) => runtime.invoke(burnApp.handles.spread, numbers).ended,
          close: () => runtime.close(),
        }
      }),
  }
}

function peerSubject(peer: Peer): Subject {
  return {
    name: peer.name,
    open: (effort, scratch) =>
      ratios(effort, async (workers) => {
        const pool = await peer.open(workers, scratch)
        return {
          map: (numbers) => Promise.all(pool.runAll('burn', numbers)),
          close: () => pool.close(),
        }
      }),
  }
}

/** A probe whose figures are how long one worker took, divided by how long two did. */
async function ratios(effort: Effort, open: (workers: number) => Promise<Mapper>): Promise<Probe> {
  const [one, two] = [await open(1), await open(2)]
  const numbers = Array<number>(effort.size(items)).fill(loops)
  return probe(
    async () => [(await msOf(one, numbers)) / (await msOf(two, numbers))],
    async () => void (await Promise.all([one.close(), two.close()])),
  )
}

async function msOf(mapper: Mapper, numbers: readonly number[]): Promise<number> {
  const begun = performance.now()
  await mapper.map(numbers)
  return performance.now() - begun
}
