import type { EndpointOptions, Offer } from '@stigmergy/core'
import {
  handOver,
  mutant,
  WrappedTransport,
  type TransportMutant,
  type WrappedEndpoint,
} from './wrapped-transport.js'

/** Hands over what came in one turn from the last to the first. */
class ReordersFrames extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    const turn: (() => void)[] = []
    const deliver = (): void => {
      for (let next = turn.pop(); next !== undefined; next = turn.pop()) next()
    }
    return {
      ...options,
      receive: (frame, from) => {
        const copy = new Uint8Array(frame)
        if (turn.push(() => handOver(options, copy, from)) === 1) queueMicrotask(deliver)
      },
    }
  }
}

/** Loses the last byte of frames that are larger than a page. */
class CutsLargeFrames extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    return super.offer(from, to, frame.length > 4_096 ? frame.subarray(0, -1) : frame)
  }
}

/** Delivers every tenth frame again, as a sender does that did not see the acknowledgement. */
class RepeatsFrames extends WrappedTransport {
  #offers = 0

  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    const answer = super.offer(from, to, frame)
    this.#offers += 1
    if (this.#offers % 10 === 0) super.offer(from, to, frame)
    return answer
  }
}

/** Answers `sent` when the queue has no room, and drops the frame. */
class DropsFrames extends WrappedTransport {
  #offers = 0

  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    this.#offers += 1
    return this.#offers % 20 === 0 ? 'sent' : super.offer(from, to, frame)
  }
}

/** Sends small frames in the next microtask, without a copy. */
class KeepsTheBuffer extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    if (frame.length > 64) return super.offer(from, to, frame)
    queueMicrotask(() => super.offer(from, to, frame))
    return 'sent'
  }
}

/** Calls `receive` of an endpoint in the same process directly: fast, and deep in the caller's stack. */
class DeliversInsideOffer extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    const receiver = this.hub.endpoints.get(to)
    if (receiver === undefined) return 'closed'
    handOver(receiver.options, frame, from.address)
    return 'sent'
  }
}

/** Stops delivering to a receiver that has thrown. */
class GivesUpOnFaults extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    let failed = false
    return {
      ...options,
      receive: (frame, from) => {
        if (failed) return
        failed = true
        options.receive(frame, from)
        failed = false
      },
    }
  }
}

/** Hides what a receiver has thrown. */
class HidesFaults extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    return { ...options, onError: () => undefined }
  }
}

export const deliveryMutants: readonly TransportMutant[] = [
  mutant('T1', 'order', ReordersFrames),
  mutant('T2', 'bytes', CutsLargeFrames),
  mutant('T3', 'once', RepeatsFrames),
  mutant('T4', 'complete', DropsFrames),
  mutant('T5', 'buffer', KeepsTheBuffer),
  mutant('T6', 'not-inside-offer', DeliversInsideOffer),
  mutant('T7', 'faults', GivesUpOnFaults),
  mutant('T7', 'faults', HidesFaults),
]
