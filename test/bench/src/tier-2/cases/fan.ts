import type { App, FunctionHandle } from 'stigmergy'
import { type Case, type Effort, ours, type Subject } from '../../case.js'
import { Stopwatch, timeEach } from '../../stopwatch.js'
import { fan1000App, fan16App } from '../apps/fan.js'
import { ourSubject, type WorkerKind } from '../workers.js'
import { peerSubject } from './peer-subject.js'
import { sharingPeers, workerCount } from './several-workers.js'

/** An app that fans out and joins, in either way. */
type FanApp = App<Readonly<Record<'bySet' | 'dynamicJoin', FunctionHandle<number, number>>>>

/** The work: so many numbers are doubled on two workers, and the doubles are added up where the request came from. */
export const fans: readonly (readonly Case[])[] = [
  [fanCase(16, 20, fan16App)],
  [fanCase(1_000, 1, fan1000App)],
]

function fanCase(width: number, fansPerBatch: number, app: FanApp): Case {
  const own = (name: string, kind: WorkerKind, way: 'bySet' | 'dynamicJoin'): Subject =>
    ourSubject({
      name,
      kind,
      count: workerCount,
      app,
      batch: (runtime, effort) =>
        sums(effort, width, fansPerBatch, () => runtime.invoke(app.handles[way], width).result),
    })
  return {
    name: `fan-${width}-join`,
    figure: `from a request to the result of one function, ${width.toLocaleString('en')} runs of a second on 2 workers, and a third that joins them`,
    unit: 'µs',
    rounds: 20,
    warmUps: 5,
    subjects: [
      own(ours, 'thread', 'bySet'),
      own(`${ours}, DynamicJoin`, 'thread', 'dynamicJoin'),
      own(`${ours}, processes`, 'process', 'bySet'),
      ...sharingPeers.map((peer) => {
        const values = Array.from({ length: width }, (_, index) => index)
        return peerSubject(peer, workerCount, (pool, effort) =>
          sums(effort, width, fansPerBatch, async () =>
            sumOf(await Promise.all(pool.runAll('double', values))),
          ),
        )
      }),
    ],
  }
}

/** Fans that must each give the sum of the doubles. */
function sums(
  effort: Effort,
  width: number,
  count: number,
  run: () => Promise<number>,
): Promise<readonly number[]> {
  const expected = width * (width - 1)
  return timeEach(new Stopwatch(), effort.size(count), async () => {
    const result = await run()
    if (result !== expected) throw new Error(`The join gave ${result} instead of ${expected}`)
  })
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
