import {
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream'
import { errors, type NatsConnection } from '@nats-io/transport-node'
import { closed, messageOf, unavailable } from './unavailable.js'

/** Is told how the connection to the servers comes and goes. */
export interface ConnectionWatcher {
  readonly onLost?: () => void
  readonly onBack?: () => void
}

/** What can be done when the connection is lost before the answer: what reads is asked again, what writes was done or not. */
type CallKind = 'read' | 'write'

/** After so many ms, what nobody has responded to is tried again. */
const pauseMs = 50

/** The connection of a member. It comes back by itself. */
export class Connection {
  readonly nats: NatsConnection
  readonly js: JetStreamClient
  readonly manager: JetStreamManager
  readonly #requestMs: number
  readonly #watchers = new Set<ConnectionWatcher>()
  /** Called when the state changes. */
  readonly #turns = new Set<() => void>()
  #state: 'up' | 'lost' | 'closed' | 'failed' = 'up'

  private constructor(nats: NatsConnection, manager: JetStreamManager, requestMs: number) {
    this.nats = nats
    this.js = jetstream(nats, { timeout: requestMs })
    this.manager = manager
    this.#requestMs = requestMs
  }

  static async over(nats: NatsConnection, requestMs: number): Promise<Connection> {
    const manager = await jetstreamManager(nats, { timeout: requestMs, checkAPI: false })
    const connection = new Connection(nats, manager, requestMs)
    void connection.#follow()
    return connection
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  get maxPayloadBytes(): number {
    return this.nats.info?.max_payload ?? 2 ** 20
  }

  watch(watcher: ConnectionWatcher): void {
    this.#watchers.add(watcher)
  }

  /** Calls the servers, and again while nobody responds. Rejects with `STG_CLUSTER_UNAVAILABLE` when that takes too long. */
  async call<Value>(kind: CallKind, attempt: () => Promise<Value>): Promise<Value> {
    const end = performance.now() + this.#requestMs
    for (;;) {
      await this.#whenUp(end)
      try {
        return await this.#unlessInterrupted(attempt(), end)
      } catch (error) {
        const again = error instanceof Interrupted ? kind === 'read' : isNotTaken(error)
        if (!again || this.#isOver || performance.now() + pauseMs > end) throw this.#refusal(error)
        if (!(error instanceof Interrupted)) await pause()
      }
    }
  }

  /** Resolves when what was published has left. */
  async close(): Promise<void> {
    const wasUp = this.isUp
    this.#turn('closed')
    if (wasUp) await this.nats.drain().catch(() => this.nats.close())
    else await this.nats.close()
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.nats.status()) {
      if (type === 'disconnect' && this.#state === 'up') this.#turn('lost')
      else if (type === 'reconnect' && this.#state === 'lost') this.#turn('up')
      else if (type === 'close' && this.#state !== 'closed') this.#turn('failed')
    }
  }

  #turn(state: 'up' | 'lost' | 'closed' | 'failed'): void {
    const before = this.#state
    this.#state = state
    for (const turn of [...this.#turns]) turn()
    for (const { onLost, onBack } of this.#watchers) {
      if (state === 'up') onBack?.()
      else if (before === 'up' && state !== 'closed') onLost?.()
    }
  }

  get #isOver(): boolean {
    return this.#state === 'closed' || this.#state === 'failed'
  }

  async #whenUp(end: number): Promise<void> {
    if (this.#state === 'lost')
      await this.#unlessInterrupted(new Promise<never>(() => undefined), end).catch((error: unknown) => {
        if (!(error instanceof Interrupted)) throw this.#refusal(error)
      })
    if (this.#isOver) throw this.#refusal(undefined)
  }

  #unlessInterrupted<Value>(promise: Promise<Value>, end: number): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer)
        this.#turns.delete(interrupt)
      }
      const interrupt = (): void => {
        stop()
        reject(new Interrupted())
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`there was no answer within ${this.#requestMs} ms`))
      }, end - performance.now())
      this.#turns.add(interrupt)
      promise.finally(stop).then(resolve, reject)
    })
  }

  #refusal(cause: unknown): Error {
    if (this.#state === 'closed') return closed()
    if (this.#state === 'failed')
      return unavailable(
        'The servers have ended the connection for good: see that the credentials are still valid.',
        cause,
      )
    return unavailable(`The servers did not do what was asked: ${messageOf(cause)}.`, cause)
  }
}

/** The number of the error by which JetStream has refused a call, if it has. */
export function apiCodeOf(error: unknown): number | undefined {
  const refused = error instanceof Error ? error.cause : undefined
  return refused instanceof JetStreamApiError ? refused.code : undefined
}

class Interrupted extends Error {
  constructor() {
    super('the connection was lost')
  }
}

/** Whether nobody has taken the request: as after a restart, when JetStream is not there yet. */
function isNotTaken(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status === 503
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof errors.RequestError
    ? cause.isNoResponders()
    : cause instanceof errors.NoRespondersError
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs))
}
