import { type Case, type Effort, ours, type Subject } from '../../case.js'
import { Stopwatch } from '../../stopwatch.js'
import { raceApp, runners, winners } from '../apps/race.js'
import type { Pool } from '../peers/pool.js'
import { ourSubject, type WorkerKind } from '../workers.js'
import { peerSubject } from './peer-subject.js'
import { sharingPeers, workerCount } from './several-workers.js'

const racesPerBatch = 20

/** The work: eight runs of a function on two workers; the first four results decide. The rest ends before the next race. */
export const race: Case = {
  name: 'k-of-n',
  figure: `from a request to the result of a function that gets the first ${winners} of ${runners} results, on 2 workers`,
  unit: 'µs',
  rounds: 20,
  warmUps: 5,
  subjects: [
    ownSubject(ours, 'thread'),
    ownSubject(`${ours}, processes`, 'process'),
    ...sharingPeers.map((peer) => peerSubject(peer, workerCount, peerRaces)),
  ],
}

function ownSubject(name: string, kind: WorkerKind): Subject {
  return ourSubject({
    name,
    kind,
    count: workerCount,
    app: raceApp,
    batch: (runtime, effort) =>
      races(effort, () => {
        const { result, ended } = runtime.invoke(raceApp.handles.begin, null)
        return { decided: result, over: ended }
      }),
  })
}

/** Two moments of a race. */
interface Race {
  readonly decided: Promise<unknown>
  readonly over: Promise<unknown>
}

async function races(effort: Effort, begin: () => Race): Promise<readonly number[]> {
  const watch = new Stopwatch()
  for (let count = effort.size(racesPerBatch); count > 0; count -= 1) {
    watch.start()
    const { decided, over } = begin()
    await decided
    watch.stop()
    await over
  }
  return watch.take()
}

const lanes = Array.from({ length: runners }, (_, lane) => lane)

function peerRaces(pool: Pool, effort: Effort): Promise<readonly number[]> {
  return races(effort, () => {
    const runs = pool.runAll('double', lanes)
    return { decided: first(winners, runs), over: Promise.all(runs) }
  })
}

/** The first so many results. */
function first(count: number, runs: readonly Promise<number>[]): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const results: number[] = []
    const arrive = (result: number): void => {
      if (results.push(result) === count) resolve(results)
    }
    for (const run of runs) run.then(arrive, reject)
  })
}
