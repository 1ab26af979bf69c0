import { EventEmitter } from 'node:events'
import PQueue from 'p-queue'
import { firstValueFrom, mergeMap, of } from 'rxjs'
import { defineApp, defineRuntime, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { Stopwatch, timeEach } from '../stopwatch.js'

const requestsPerBatch = 500

/** The work: a caller waits for an async function that gives back its argument. The next request follows at once. */
export const request: Case = {
  name: 'request',
  figure: 'from `invoke` to the result of a function that does nothing else than reply',
  unit: 'µs',
  rounds: 60,
  subjects: [
    { name: ours, open: openStigmergy },
    { name: 'plain async call', open: openPlain },
    { name: 'EventEmitter', open: openEmitter },
    { name: 'RxJS', open: openRx },
    { name: 'p-queue', open: openQueue },
  ],
}

const echo = async (value: number): Promise<number> => value

function requests(effort: Effort, send: (value: number) => Promise<number>): Probe {
  const watch = new Stopwatch()
  return probe(() => timeEach(watch, effort.size(requestsPerBatch), () => send(1)))
}

async function openStigmergy(effort: Effort): Promise<Probe> {
  const app = defineApp('bench', (app) => ({
    echo: app.fn<number, number>('echo', async ({ value }, { reply }) => reply(value)),
  }))
  const runtime = await start(defineRuntime(), app)
  const { batch } = requests(effort, (value) => runtime.invoke(app.handles.echo, value).result)
  return probe(batch, () => runtime.close())
}

function openPlain(effort: Effort): Probe {
  return requests(effort, echo)
}

/** The request carries a callback for its answer. */
function openEmitter(effort: Effort): Probe {
  const events = new EventEmitter()
  const answer = async (value: number, reply: (value: number) => void): Promise<void> =>
    reply(await echo(value))
  events.on('request', (value: number, reply: (value: number) => void) => void answer(value, reply))
  return requests(effort, (value) => new Promise((resolve) => events.emit('request', value, resolve)))
}

function openRx(effort: Effort): Probe {
  return requests(effort, (value) => firstValueFrom(of(value).pipe(mergeMap(echo))))
}

function openQueue(effort: Effort): Probe {
  const queue = new PQueue()
  return requests(effort, (value) => queue.add(() => echo(value)))
}
