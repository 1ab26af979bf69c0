/**
 * How workers and nodes exchange messages: frames of bytes between named endpoints.
 *
 * 1. Frames from one endpoint to another arrive in the order of their offers, each at most once, with exactly the bytes that were offered.
 * 2. `offer` never blocks and never throws for what the peer does: it answers `sent`, `full` or `closed`.
 * 3. What was answered `sent` arrives, unless one of the two endpoints closes or the link is lost; loss of a link is reported by `onLost`.
 * 4. The sender may reuse its buffer when `offer` returns. The receiver must copy what it keeps: a frame is valid during `receive` only.
 * 5. Queues are bounded: a receiver that is slow turns its senders' offers to `full`, and nobody else's.
 * 6. A `receive` that throws harms no other frame; the error goes to `onError`.
 */
export interface Transport extends AsyncDisposable {
  /** Such as `memory`, `mmap` or `nats`. */
  readonly name: string
  /** Opens an endpoint. An address in use is `STG_TRANSPORT_ADDRESS`. */
  open(options: EndpointOptions): Promise<Endpoint>
  /** Closes every endpoint. */
  close(): Promise<void>
}

export interface EndpointOptions {
  /** 1 to 512 bytes of UTF-8. */
  readonly address: string
  /** Called for each frame, one at a time, never from within `offer`. */
  readonly receive: (frame: Uint8Array, from: string) => void
  /** Called when frames to or from a peer may have been lost. */
  readonly onLost?: (peer: string) => void
  /** Called with what `receive` threw. */
  readonly onError?: (error: unknown, from: string) => void
}

export type Offer = 'sent' | 'full' | 'closed'

export interface Endpoint extends AsyncDisposable {
  readonly address: string
  /** Larger frames are `STG_TRANSPORT_FRAME_TOO_LARGE`. */
  readonly maxFrameBytes: number
  /** `closed` also for an address that nobody has opened. */
  offer(to: string, frame: Uint8Array): Offer
  /** Resolves when an offer may succeed again, or the peer or this endpoint is closed. Rejects when `signal` aborts. */
  writable(to: string, signal?: AbortSignal): Promise<void>
  /** Stops receiving; frames that are under way to this endpoint are dropped. */
  close(): Promise<void>
}
