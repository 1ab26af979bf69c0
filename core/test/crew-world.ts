import { ManualClock } from '@stigmergy/conformance'
import { MemoryNetwork, MemoryObjectStore, MemoryTransport } from '@stigmergy/transport-memory'
import type { ExecutionContext } from 'ava'
import { builtins } from 'stigmergy'
import type { App } from '../src/app/define-app.js'
import { CborCodec } from '../src/codec.js'
import type { LoadTable } from '../src/contract/index.js'
import { StigmergyError } from '../src/errors.js'
import { CountingIds } from '../src/ids.js'
import { Crew } from '../src/node/crew.js'
import { numberFunctions } from '../src/node/functions.js'
import { Guest } from '../src/node/guest.js'
import { LoadWords } from '../src/node/load-words.js'
import { Outbox } from '../src/node/outbox.js'
import { LeastLoaded, type Placement } from '../src/node/placement.js'
import { EventStream, type RuntimeEvent } from '../src/runtime/events.js'
import { Owner } from '../src/runtime/owner.js'
import { Registry } from '../src/runtime/registry.js'
import { EmbeddedRuntime } from '../src/runtime/runtime.js'
import { defaultLimits, type WorkerLimits } from '../src/worker/limits.js'
import { FifoQueue } from '../src/worker/run-queue.js'
import { Worker } from '../src/worker/worker.js'

/** A home and its workers, all on this event loop, on a clock that stands still: what is decided, without threads and processes. */
export interface CrewWorld {
  readonly runtime: EmbeddedRuntime
  readonly crew: Crew
  readonly clock: ManualClock
  readonly store: MemoryObjectStore
  readonly events: RuntimeEvent[]
  /** The worker that the function of an invocation has run on, in the order of their beginning. */
  readonly ran: { readonly fn: string; readonly worker: number }[]
  /** Adds a worker; its number. */
  addWorker(): Promise<number>
  /** Ends a worker without a word, and has that noticed. */
  crash(worker: number): Promise<void>
}

export interface CrewOptions {
  readonly workers?: number
  readonly store?: ConstructorParameters<typeof MemoryObjectStore>[0]
  readonly limits?: Partial<WorkerLimits>
  readonly placement?: Placement
  /** Workers that the crew is told of; the others join later. */
  readonly joining?: number
  /** Of the transport between them. */
  readonly maxFrameBytes?: number
}

export async function crewWorld(
  t: ExecutionContext,
  app: App,
  options: CrewOptions = {},
): Promise<CrewWorld> {
  const { workers = 2, joining = workers, placement = new LeastLoaded(), maxFrameBytes } = options
  const clock = new ManualClock(1_000)
  const store = new MemoryObjectStore({ clock, ...options.store })
  const inlineBytes = 8_192
  const limits = { ...defaultLimits, ...options.limits }
  const codec = new CborCodec()
  const network = new MemoryNetwork()
  const functions = numberFunctions([app.manifest])
  const numbers = new Map(functions.map(({ declaration }, number) => [declaration.name, number]))
  const transport = new MemoryTransport({ network, ...(maxFrameBytes !== undefined && { maxFrameBytes }) })
  const endpoint = await transport.open({
    address: 'home',
    receive: (frame, from) => crew.receive(frame, from),
  })
  const begun = new Map<number, number>()
  const crew: Crew = new Crew({
    endpoint,
    load: { set: () => undefined, get: (number) => begun.get(number) ?? 0 },
    store,
    codec,
    inlineBytes,
    placement,
    count: workers,
    slots: limits.slots,
    onRun: () => undefined,
    numberOf: ({ name }) => numbers.get(name)!,
  })
  const events = new EventStream()
  const parts = { clock, ids: new CountingIds(), codec, store, queue: new FifoQueue(), events, limits }
  const worker = new Worker(parts, crew)
  const registry = new Registry(builtins)
  worker.addApp(app.manifest, registry.triggersOf(app.manifest))
  const runtime = new EmbeddedRuntime(worker, registry, new Owner(), [], undefined)
  const seen: RuntimeEvent[] = []
  runtime.on((event) => void seen.push(event))
  const ran: CrewWorld['ran'] = []
  const transports = new Map<number, MemoryTransport>()

  const addWorker = async (): Promise<number> => {
    const number = transports.size + 1
    const own = new MemoryTransport({ network, ...(maxFrameBytes !== undefined && { maxFrameBytes }) })
    transports.set(number, own)
    const load: LoadTable = {
      set: (word, value) => void (word === LoadWords.Begun && begun.set(number, value)),
      get: () => 0,
    }
    const recorded = functions.map(({ app, declaration }) => ({
      app,
      declaration: {
        ...declaration,
        handler: (...args: Parameters<typeof declaration.handler>) => {
          ran.push({ fn: declaration.name, worker: number })
          return declaration.handler(...args)
        },
      },
    }))
    const there = await own.open({ address: `worker-${number}`, receive: (frame) => guest.receive(frame) })
    const outbox = new Outbox(there, 'home')
    const guest: Guest = new Guest({ functions: recorded, codec, store, inlineBytes, load, clock, outbox })
    crew.join(number, `worker-${number}`)
    return number
  }
  for (let joined = 0; joined < joining; joined += 1) await addWorker()
  t.teardown(async () => {
    await runtime.close({ now: true })
    await transport.close()
    for (const each of transports.values()) await each.close()
  })
  const crash = async (number: number): Promise<void> => {
    await transports.get(number)?.close()
    crew.losing(
      number,
      new StigmergyError('STG_WORKER_LOST', `Worker ${number} is gone.`, { retryable: true }),
    )
    crew.lost(`worker-${number}`)
  }
  return { runtime, crew, clock, store, events: seen, ran, addWorker, crash }
}
