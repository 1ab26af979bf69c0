import type { Clock, Timer } from '../clock.js'
import type { FoundedNode } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { EventStream } from '../runtime/events.js'
import type { AppAddress, FromWorker, StartedWorker, StartWorker, WorkerExit } from './control.js'
import type { Crew } from './crew.js'
import type { DefinitionSite } from '../app/definition-site.js'
import { receivedError } from './sent-error.js'

export interface FleetParts {
  readonly node: FoundedNode
  readonly crew: Crew
  readonly clock: Clock
  readonly events: EventStream
  readonly startWorker: StartWorker
  readonly count: number
  readonly startMs: number
  readonly apps: readonly AppAddress[]
  readonly config: DefinitionSite | undefined
  /** The home's own address on the node's transport. */
  readonly home: string
}

/** A worker as an operator sees it. */
export interface WorkerInfo {
  /** Its number on the node. */
  readonly worker: number
  /** Such as `process 4711`. */
  readonly name: string
  readonly pid: number
  readonly threadId: number | undefined
  readonly state: 'starting' | 'working' | 'retiring' | 'ending'
  /** Functions under way there. */
  readonly running: number
  readonly queued: number
}

/** One place of the fleet while somebody has it. */
interface Place {
  readonly worker: number
  readonly address: string
  readonly started: StartedWorker
  state: WorkerInfo['state']
  /** Why it is being ended, when the fleet ends it. */
  reason: string | undefined
}

/** So often in a row a place may fail to start before the fleet gives up. */
const maxFailedStarts = 5
/** The pause before another start after a failed one; it doubles each time. */
const firstPauseMs = 100
/** By then all has come that a worker had sent before its end, whether its transport says so or not. */
const lossMs = 1_000
/** How long a worker has for its good-bye. */
const stopMs = 2_000

/** Starts the workers of a node, watches them, and replaces those that end. */
export class Fleet implements AsyncDisposable {
  readonly #parts: FleetParts
  readonly #places = new Set<Place>()
  readonly #timers = new Set<Timer>()
  /** Workers started so far: a place may be taken again while something of the one before is still under way. */
  #count = 0
  #failedStarts = 0
  #isClosing = false

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  /** Resolves when all workers are ready. Rejects with `STG_WORKER_START` or `STG_WORKER_APP` when one cannot be. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#parts.count }, () => this.#startOne()))
  }

  /** Those that there are now. */
  get workers(): readonly WorkerInfo[] {
    const colleagues = new Map([...this.#parts.crew.colleagues].map((each) => [each.worker, each]))
    return [...this.#places].map(({ worker, started, state }) => {
      const { name, pid, threadId } = started
      const { running = 0, queued = 0 } = colleagues.get(worker) ?? {}
      return { worker, name, pid, threadId, state, running, queued }
    })
  }

  /** Ends a worker at once; another takes its place. */
  kill(worker: number, reason: string): void {
    const place = this.#find(worker)
    if (place === undefined) return
    place.reason = reason
    place.started.kill()
  }

  /** Gives a worker nothing more, and replaces it when it has finished what it has. */
  retire(worker: number, reason: string): void {
    const place = this.#find(worker)
    if (place?.state !== 'working') return
    place.state = 'retiring'
    place.reason = reason
    this.#parts.crew.retire(worker, () => this.#sendHome(place))
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    await Promise.all([...this.#places].map((place) => this.#stop(place)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #find(worker: number): Place | undefined {
    return [...this.#places].find((place) => place.worker === worker)
  }

  async #startOne(): Promise<void> {
    const { node, apps, config, home, startWorker } = this.#parts
    const ticket = node.admit()
    this.#count += 1
    const address = `worker-${ticket.member}.${this.#count}`
    let hear: (message: FromWorker) => void = () => undefined
    const heard = new Promise<FromWorker>((resolve) => (hear = resolve))
    const started = startWorker((message) => hear(message))
    const place: Place = {
      worker: ticket.member,
      address,
      started,
      state: 'starting',
      reason: undefined,
    }
    this.#places.add(place)
    void started.exited.then((exit) => this.#ended(place, exit))
    started.send({ type: 'start', orders: { ticket, apps, config, home, address } })
    await this.#ready(place, heard)
    this.#begin(place)
  }

  #begin(place: Place): void {
    const { crew, clock, events } = this.#parts
    if (this.#isClosing) return
    place.state = 'working'
    this.#failedStarts = 0
    crew.join(place.worker, place.address)
    const { worker, started } = place
    if (events.watched)
      events.emit({ type: 'worker-joined', at: clock.now(), session: '', worker, name: started.name })
  }

  /** Resolves when the worker says that it is ready; ends it when it does not. */
  async #ready(place: Place, heard: Promise<FromWorker>): Promise<void> {
    const { clock, startMs } = this.#parts
    const { started } = place
    let timer: Timer | undefined
    const late = new Promise<WorkerExit>((resolve) => {
      timer = clock.setTimer(clock.now() + startMs, () => {
        place.reason = `was not ready within ${startMs} ms`
        started.kill()
        resolve({ how: place.reason, stderr: '' })
      })
    })
    const first = await Promise.race([heard, started.exited, late])
    timer?.cancel()
    if ('how' in first) throw notStarted(started, first)
    if (first.type === 'ready') return
    place.reason = 'could not start'
    started.kill()
    const cause = receivedError(first.error)
    throw StigmergyError.is(cause, 'STG_WORKER_APP')
      ? cause
      : notStarted(started, { how: `failed: ${cause.message}`, stderr: '' }, cause)
  }

  /** Whatever ended it: its place is cleared, what it ran is lost, and another worker starts. */
  #ended(place: Place, exit: WorkerExit): void {
    const { node, crew, clock, events } = this.#parts
    const { worker, address, started, state } = place
    this.#places.delete(place)
    const error = lostWorker(place, exit)
    if (!this.#isClosing) crew.losing(worker, error)
    node.bury(worker)
    if (this.#isClosing) return
    this.#after(lossMs, () => crew.lost(address))
    if (state === 'starting') return // whoever started it knows
    if (events.watched) {
      const about = { worker, name: started.name, reason: error.message }
      events.emit({ type: 'worker-lost', at: clock.now(), session: '', ...about })
    }
    this.#replace()
  }

  #replace(): void {
    this.#startOne().catch((error: unknown) => this.#startFailed(error as Error))
  }

  #startFailed(error: Error): void {
    const { crew } = this.#parts
    if (this.#isClosing) return
    this.#failedStarts += 1
    if (this.#failedStarts >= maxFailedStarts) {
      if (this.#places.size === 0) crew.giveUp(error)
      process.emitWarning(error)
      return
    }
    this.#after(firstPauseMs * 2 ** (this.#failedStarts - 1), () => this.#replace())
  }

  #after(ms: number, run: () => void): void {
    const { clock } = this.#parts
    const timer = clock.setTimer(clock.now() + ms, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }

  #sendHome(place: Place): void {
    place.state = 'ending'
    place.started.send({ type: 'stop' })
  }

  async #stop(place: Place): Promise<void> {
    const { clock } = this.#parts
    this.#sendHome(place)
    const timer = clock.setTimer(clock.now() + stopMs, () => place.started.kill())
    await place.started.exited
    timer.cancel()
  }
}

function lostWorker({ started, worker, reason }: Place, { how, stderr }: WorkerExit): StigmergyError {
  const why = reason === undefined ? how : `was ended: it ${reason}`
  return new StigmergyError('STG_WORKER_LOST', `Worker ${worker}, ${started.name}, ${why}.`, {
    retryable: true,
    details: { worker, name: started.name, how, stderr: stderr.slice(-1_000), ...(reason ? { reason } : {}) },
  })
}

function notStarted({ name }: StartedWorker, { how, stderr }: WorkerExit, cause?: Error): StigmergyError {
  return new StigmergyError('STG_WORKER_START', `A worker, ${name}, did not start: it ${how}.`, {
    ...(cause === undefined ? {} : { cause }),
    details: { name, how, stderr },
  })
}
