import type { Clock, Timer } from '../clock.js'
import { MessageCodec } from '../codec.js'
import type { Endpoint, Transport } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { Outbox } from '../node/outbox.js'
import { receivedError, type SentError, sentError } from '../node/sent-error.js'
import type { Neighbours } from './neighbours.js'

type Frame<Message> =
  | readonly [kind: 'call', id: number, message: Message]
  | readonly [kind: 'answer', id: number, value: unknown]
  | readonly [kind: 'refusal', id: number, error: SentError]

interface Asked {
  readonly peer: string
  readonly timer: Timer
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export interface CallsOptions<Message> {
  readonly transport: Transport
  readonly clock: Clock
  readonly address: string
  /** Those that need no frames for each other. */
  readonly neighbours?: Neighbours
  /** Calls that may wait for their answers. */
  readonly maxCalls: number
  /** ms after which a call without an answer is given up. */
  readonly timeoutMs: number
  /** Answers a call; what it throws is thrown to the caller. */
  readonly answer: (message: Message, from: string) => Promise<unknown>
  readonly onLost?: (peer: string) => void
}

const codec = new MessageCodec()

/** Calls between the members of a cluster, over frames: each gets an answer, a refusal, or is given up. */
export class Calls<Message> {
  readonly #options: CallsOptions<Message>
  readonly #asked = new Map<number, Asked>()
  readonly #outboxes = new Map<string, Outbox>()
  #endpoint: Endpoint | undefined
  #count = 0

  constructor(options: CallsOptions<Message>) {
    this.#options = options
  }

  get address(): string {
    return this.#options.address
  }

  /** Larger messages are refused. */
  get maxFrameBytes(): number {
    return this.#endpoint?.maxFrameBytes ?? 0
  }

  async open(): Promise<void> {
    const { transport, address, neighbours } = this.#options
    this.#endpoint = await transport.open({
      address,
      receive: (frame, from) => this.#receive(frame, from),
      onLost: (peer) => this.#lost(peer),
      onError: (error) => process.emitWarning(asError(error)),
    })
    neighbours?.join(address, {
      receive: (message, from) => this.#receive(message, from),
      lost: (peer) => this.#lost(peer),
    })
  }

  /**
   * The peer's answer. Rejects with what the peer refuses with, and with `STG_CLUSTER_UNAVAILABLE` when none has come: then the call may have
   * had its effect.
   */
  call(peer: string, message: Message): Promise<unknown> {
    const { clock, maxCalls, timeoutMs } = this.#options
    if (this.#asked.size >= maxCalls) return Promise.reject(tooManyCalls(maxCalls))
    this.#count += 1
    const id = this.#count
    return new Promise((resolve, reject) => {
      const giveUp = (): void => this.#fail(id, unanswered(peer, `in ${timeoutMs} ms`))
      const timer = clock.setTimer(clock.now() + timeoutMs, giveUp)
      this.#asked.set(id, { peer, timer, resolve, reject })
      try {
        this.#send(peer, ['call', id, message])
      } catch (error) {
        this.#fail(id, asError(error))
      }
    })
  }

  async close(): Promise<void> {
    const { neighbours, address } = this.#options
    neighbours?.leave(address)
    for (const [id, { peer }] of [...this.#asked]) this.#fail(id, unanswered(peer, 'before the end'))
    await this.#endpoint?.close()
  }

  /** A neighbour gets the same bytes as any other: nothing that one side changes afterwards changes at the other. */
  #send(peer: string, frame: Frame<Message>): void {
    const bytes = codec.encode(frame)
    const { maxFrameBytes } = this.#endpoint!
    if (bytes.length > maxFrameBytes) throw tooLarge(bytes.length, maxFrameBytes)
    const { neighbours, address } = this.#options
    if (neighbours?.send(address, peer, bytes) === true) return
    let outbox = this.#outboxes.get(peer)
    if (outbox === undefined) this.#outboxes.set(peer, (outbox = new Outbox(this.#endpoint!, peer)))
    outbox.send(bytes)
  }

  #receive(bytes: Uint8Array, from: string): void {
    const frame = codec.decode(bytes) as Frame<Message>
    if (frame[0] === 'call') return void this.#answer(frame[1], frame[2], from)
    const asked = this.#asked.get(frame[1])
    if (asked === undefined) return // given up meanwhile
    this.#asked.delete(frame[1])
    asked.timer.cancel()
    if (frame[0] === 'answer') asked.resolve(frame[2])
    else asked.reject(receivedError(frame[2]))
  }

  async #answer(id: number, message: Message, from: string): Promise<void> {
    let frame: Frame<Message>
    try {
      frame = ['answer', id, await this.#options.answer(message, from)]
    } catch (error) {
      frame = ['refusal', id, sentError(error)]
    }
    try {
      this.#send(from, frame)
    } catch (error) {
      this.#send(from, ['refusal', id, sentError(error)])
    }
  }

  #lost(peer: string): void {
    this.#outboxes.delete(peer)
    for (const [id, asked] of [...this.#asked])
      if (asked.peer === peer) this.#fail(id, unanswered(peer, 'since the connection was lost'))
    this.#options.onLost?.(peer)
  }

  #fail(id: number, error: Error): void {
    const asked = this.#asked.get(id)
    if (asked === undefined) return
    this.#asked.delete(id)
    asked.timer.cancel()
    asked.reject(error)
  }
}

function unanswered(peer: string, when: string): StigmergyError {
  return new StigmergyError('STG_CLUSTER_UNAVAILABLE', `${peer} has not answered ${when}.`, {
    retryable: true,
    details: { peer },
  })
}

function tooManyCalls(maxCalls: number): StigmergyError {
  return new StigmergyError(
    'STG_WORKER_BUSY',
    `${maxCalls} calls to other members of the cluster wait for answers, the limit; try again later.`,
    { retryable: true, details: { maxCalls } },
  )
}

function tooLarge(bytes: number, maxFrameBytes: number): StigmergyError {
  return new StigmergyError(
    'STG_TRANSPORT_FRAME_TOO_LARGE',
    `A message of ${bytes} bytes does not fit into a frame, which has ${maxFrameBytes}; lower inlineBytes, or raise max_payload of the servers.`,
    { details: { bytes, maxFrameBytes } },
  )
}
