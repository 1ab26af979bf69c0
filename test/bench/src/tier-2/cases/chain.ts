import { type Case, ours, type Subject } from '../../case.js'
import { Stopwatch, timeEach } from '../../stopwatch.js'
import { chainApp, chainLength } from '../apps/chain.js'
import { ourSubject, type WorkerKind } from '../workers.js'
import { peerSubject } from './peer-subject.js'
import { sharingPeers, workerCount } from './several-workers.js'

/** The work: a number goes through 1,000 functions on two workers, each of which adds 1. The peers call one after the other. */
export const chain: Case = {
  name: 'chain-1000',
  figure:
    'from a request to the result of 1,000 different functions that run one after the other, on 2 workers',
  unit: 'µs',
  rounds: 10,
  warmUps: 2,
  subjects: [
    ownSubject(ours, 'thread'),
    ownSubject(`${ours}, processes`, 'process'),
    ...sharingPeers.map((peer) =>
      peerSubject(peer, workerCount, (pool) =>
        chains(async () => {
          let value = 0
          for (let step = 0; step < chainLength; step += 1) value = await pool.run('increment', value)
          return value
        }),
      ),
    ),
  ],
}

function ownSubject(name: string, kind: WorkerKind): Subject {
  const { first } = chainApp.handles
  return ourSubject({
    name,
    kind,
    count: workerCount,
    app: chainApp,
    batch: (runtime) => chains(() => runtime.invoke(first, 0).result),
  })
}

/** One chain, which must give 1,000. */
function chains(run: () => Promise<number>): Promise<readonly number[]> {
  return timeEach(new Stopwatch(), 1, async () => {
    const result = await run()
    if (result !== chainLength) throw new Error(`The chain gave ${result} instead of ${chainLength}`)
  })
}
