import { type Case, type Effort, ours, type Subject } from '../../case.js'
import { tasksApp } from '../apps/tasks.js'
import { ourSubject, type WorkerKind } from '../workers.js'
import { peerSubject } from './peer-subject.js'
import { sharingPeers, workerCount } from './several-workers.js'

const taskCount = 1_000

/** The work: 1,000 runs of a function that does nothing, on two workers, from the request until all have ended. */
export const tasks: Case = {
  name: 'tasks-1000',
  figure: 'functions that do nothing, 1,000 at a time on 2 workers, per second',
  unit: 'tasks/s',
  rounds: 30,
  warmUps: 10,
  subjects: [
    ownSubject(ours, 'thread'),
    ownSubject(`${ours}, processes`, 'process'),
    ...sharingPeers.map((peer) => {
      const values = Array.from({ length: taskCount }, (_, index) => index)
      return peerSubject(peer, workerCount, (pool, effort) =>
        rate(effort, (count) => Promise.all(pool.runAll('nothing', values.slice(0, count)))),
      )
    }),
  ],
}

function ownSubject(name: string, kind: WorkerKind): Subject {
  const { produce } = tasksApp.handles
  return ourSubject({
    name,
    kind,
    count: workerCount,
    app: tasksApp,
    batch: (runtime, effort) => rate(effort, (count) => runtime.invoke(produce, count).ended),
  })
}

async function rate(effort: Effort, run: (count: number) => Promise<unknown>): Promise<readonly number[]> {
  const count = effort.size(taskCount)
  const begun = performance.now()
  await run(count)
  return [(count * 1_000) / (performance.now() - begun)]
}
