import type { Offer } from '@stigmergy/core'
import type { MemoryTransportOptions } from '@stigmergy/transport-memory'
import { mutant, WrappedTransport, type TransportMutant, type WrappedEndpoint } from './wrapped-transport.js'

/** Queues whatever comes. */
class NeverFull extends WrappedTransport {
  override limits(): MemoryTransportOptions {
    return { maxQueuedFrames: 2 ** 30, maxQueuedBytes: 2 ** 40 }
  }
}

/** Counts frames and not their bytes. */
class CountsFramesOnly extends WrappedTransport {
  override limits(): MemoryTransportOptions {
    return { maxQueuedFrames: 2 ** 14, maxQueuedBytes: 2 ** 40 }
  }
}

/** Answers `full` and sends the frame all the same, as soon as there is room. */
class SendsAfterFull extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    const answer = super.offer(from, to, frame)
    if (answer === 'full') {
      const copy = new Uint8Array(frame)
      void from.memory.writable(to).then(() => from.memory.offer(to, copy))
    }
    return answer
  }
}

/** Says that there is room without looking. */
class WritableTooEarly extends WrappedTransport {
  override async writable(): Promise<void> {
    return undefined
  }
}

/** Forgets those who wait for room. */
class WritableNever extends WrappedTransport {
  override async writable(): Promise<void> {
    return new Promise(() => undefined)
  }
}

/** Looks for room only, so that nobody learns of the end of a peer. */
class WaitsForTheDead extends WrappedTransport {
  override async writable(from: WrappedEndpoint, to: string, signal?: AbortSignal): Promise<void> {
    await super.writable(from, to, signal)
    if (from.memory.offer(to, new Uint8Array(from.maxFrameBytes)) === 'closed')
      await new Promise(() => undefined)
  }
}

/** Does not listen to the signal. */
class IgnoresTheSignal extends WrappedTransport {
  override async writable(from: WrappedEndpoint, to: string): Promise<void> {
    await super.writable(from, to)
  }
}

/** Has one send buffer for all peers: while one does not read, nobody gets anything. */
class BlocksAtTheFirst extends WrappedTransport {
  #blockedBy: string | undefined

  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    if (this.#blockedBy !== undefined && this.#blockedBy !== to) return 'full'
    const answer = super.offer(from, to, frame)
    this.#blockedBy = answer === 'full' ? to : undefined
    return answer
  }
}

export const pressureMutants: readonly TransportMutant[] = [
  mutant('T8', 'bounded', NeverFull),
  mutant('T8', 'bounded', CountsFramesOnly),
  mutant('T9', 'full-is-not-sent', SendsAfterFull),
  mutant('T10', 'writable', WritableTooEarly),
  mutant('T10', 'writable', WritableNever),
  mutant('T11', 'writable-ends', WaitsForTheDead),
  mutant('T12', 'writable-aborts', IgnoresTheSignal),
  mutant('T13', 'independent', BlocksAtTheFirst),
]
