import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Case, ours, probe, type Subject } from '../../case.js'
import { tasksApp } from '../apps/tasks.js'
import { startOn, type WorkerKind } from '../workers.js'
import { workerCount } from './several-workers.js'

const watchedMs = 500

/** No work: a runtime has run functions on all its workers, and now nobody wants anything of it. */
export const idle: Case = {
  name: 'idle',
  figure: `what home and 2 workers with nothing to do take of one core in ${watchedMs} ms, all their threads together`,
  unit: '%',
  rounds: 10,
  warmUps: 2,
  long: true,
  subjects: [idleSubject(ours, 'thread'), idleSubject(`${ours}, processes`, 'process')],
}

function idleSubject(name: string, kind: WorkerKind): Subject {
  return {
    name,
    missing: () =>
      existsSync('/proc/self/schedstat') ? undefined : 'the system does not tell the time of other processes',
    open: async () => {
      const runtime = await startOn(kind, workerCount, tasksApp)
      await runtime.invoke(tasksApp.handles.produce, 1_000).ended
      const pids = new Set([process.pid, ...runtime.workers.map(({ pid }) => pid)])
      return probe(
        async () => {
          const [usedMs, begun] = [cpuMs(pids), performance.now()]
          await pause(watchedMs)
          return [(100 * (cpuMs(pids) - usedMs)) / (performance.now() - begun)]
        },
        () => runtime.close(),
      )
    },
  }
}

/** How long the threads of these processes have run on a core so far. */
function cpuMs(pids: Iterable<number>): number {
  let ns = 0
  for (const pid of pids)
    for (const thread of readdirSync(`/proc/${pid}/task`))
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  return ns / 1e6
}
