import { setTimeout as pause } from 'node:timers/promises'
import { type Case, type Effort, ours, type Subject } from '../../case.js'
import { hopApp } from '../apps/hop.js'
import {
  atomics,
  bullMq,
  childIpc,
  comlink,
  piscina,
  postMessage,
  tinypool,
  tinypoolProcesses,
  unixSocket,
  wakeUp,
} from '../peers/index.js'
import type { Peer, Pool } from '../peers/pool.js'
import { sharedNow } from '../../shared-clock.js'
import { ourSubject, type WorkerKind } from '../workers.js'
import { peerSubject } from './peer-subject.js'

/** Ways there and back of one session. More hops would meet the limit of `immediate` that stops loops. */
const roundTrips = 400
/** Fewer where each is followed by a pause. */
const idleTrips = 10
/** Long enough for everybody to fall asleep. */
const idleMs = 5

const peers: Readonly<Record<WorkerKind, readonly Peer[]>> = {
  thread: [wakeUp.thread, atomics, postMessage, piscina, tinypool, comlink, bullMq],
  process: [wakeUp.process, unixSocket, childIpc, tinypoolProcesses, bullMq],
}

/**
 * The work: a number goes to a worker, which takes the time in its first line; then an answer comes back, which is not part
 * of the figure. Flowing: the next number goes as soon as the answer is there. Idle: the next goes after a pause, in which all sleep.
 * Before each turn of the idle ones traffic flows for a while, so that neither side runs code that was not compiled yet.
 */
export const hops: readonly (readonly Case[])[] = [
  [flowing('thread')],
  [flowing('process')],
  [idle('thread')],
  [idle('process')],
]

function flowing(kind: WorkerKind): Case {
  return {
    name: `hop-${kind}`,
    figure: `from \`put\` to the first line of the function that it triggers on another worker, a ${kind}; the next follows at once`,
    unit: 'µs',
    rounds: 40,
    warmUps: 10,
    subjects: subjectsOf(kind, { trips: roundTrips, pauseMs: 0 }),
  }
}

function idle(kind: WorkerKind): Case {
  return {
    name: `hop-${kind}-idle`,
    figure: `the same as \`hop-${kind}\`, with pauses of ${idleMs} ms in which all workers fall asleep, after ${roundTrips} hops without`,
    unit: 'µs',
    rounds: 40,
    warmUps: 10,
    subjects: subjectsOf(kind, { trips: idleTrips, pauseMs: idleMs }),
  }
}

/** How often there and back, and how long to wait before each time. */
interface Traffic {
  readonly trips: number
  readonly pauseMs: number
}

function subjectsOf(kind: WorkerKind, traffic: Traffic): readonly Subject[] {
  return [
    ourSubject({
      name: ours,
      kind,
      count: 1,
      app: hopApp,
      batch: async (runtime, effort) => {
        const { send, takeLaps } = hopApp.handles
        const trips = effort.size(traffic.trips)
        if (traffic.pauseMs === 0) await runtime.invoke(send, trips).ended
        else {
          await runtime.invoke(send, effort.size(roundTrips)).ended
          takeLaps()
          for (let trip = 0; trip < trips; trip += 1) {
            await pause(traffic.pauseMs)
            await runtime.invoke(send, 1).ended
          }
        }
        return takeLaps()
      },
    }),
    ...peers[kind].map((peer) => peerSubject(peer, 1, (pool, effort) => arrivals(pool, effort, traffic))),
  ]
}

async function arrivals(pool: Pool, effort: Effort, { trips, pauseMs }: Traffic): Promise<readonly number[]> {
  const laps: number[] = []
  if (pauseMs > 0) await arrivals(pool, effort, { trips: roundTrips, pauseMs: 0 })
  for (let trip = effort.size(trips); trip > 0; trip -= 1) {
    if (pauseMs > 0) await pause(pauseMs)
    laps.push(await pool.run('arrive', sharedNow()))
  }
  return laps
}
