import { type Case, probe } from '../../case.js'
import { Stopwatch, timeEach } from '../../stopwatch.js'
import { hopApp } from '../apps/hop.js'
import { ourSubject } from '../workers.js'

const hopsOfSession = 900

/** The work: as `hop-thread`, but both functions run at home. What remains is what the runtime does besides waking others. */
export const hopWorker: Case = {
  name: 'hop-worker',
  figure: 'for scale: from `put` to the first line of the function that it triggers, both on the same worker',
  unit: 'µs',
  rounds: 40,
  subjects: [
    ourSubject({
      kind: 'thread',
      count: 1,
      app: hopApp,
      batch: async (runtime, effort) => {
        const { sendNear, watch } = hopApp.handles
        await runtime.invoke(sendNear, effort.size(hopsOfSession)).ended
        return watch.take()
      },
    }),
    {
      name: 'plain async call',
      open: (effort) => {
        const watch = new Stopwatch()
        return probe(() => timeEach(watch, effort.size(hopsOfSession), async () => undefined))
      },
    },
  ],
}
