import type { TransportSubject, TransportWorld } from '@stigmergy/conformance'
import type { Endpoint, EndpointOptions, Offer } from '@stigmergy/core'
import {
  handOver,
  Hub,
  mutant,
  subjectOf,
  WrappedTransport,
  type TransportMutant,
  type WrappedEndpoint,
} from './wrapped-transport.js'

/** Sends without asking whether there is anybody. */
class SendsToNobody extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    const answer = super.offer(from, to, frame)
    return answer === 'closed' && !this.hub.endpoints.has(to) ? 'sent' : answer
  }
}

/** Takes a peer that has closed for a slow one. */
class FullForEver extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    const answer = super.offer(from, to, frame)
    return answer === 'closed' && this.hub.endpoints.has(to) ? 'full' : answer
  }
}

/** Hands frames over a turn late, and does not look whether the endpoint is still there. */
class SpeaksToTheClosed extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    return {
      ...options,
      receive: (frame, from) => {
        const copy = new Uint8Array(frame)
        setImmediate(() => handOver(options, copy, from))
      },
    }
  }

  override async closeEndpoint(endpoint: WrappedEndpoint): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    await super.closeEndpoint(endpoint)
  }
}

/** Refuses to close what is closed. */
class ClosesOnce extends WrappedTransport {
  readonly #closed = new Set<WrappedEndpoint>()

  override async closeEndpoint(endpoint: WrappedEndpoint): Promise<void> {
    if (this.#closed.has(endpoint)) throw new Error('The endpoint is closed already')
    this.#closed.add(endpoint)
    await super.closeEndpoint(endpoint)
  }
}

/** Gives an address to the last who asks for it. */
class TakesAddresses extends WrappedTransport {
  override async open(options: EndpointOptions): Promise<Endpoint> {
    await this.hub.endpoints.get(options.address)?.memory.close()
    return super.open(options)
  }
}

/** Takes addresses for file names on a file system that does not tell small letters from capitals. */
class FoldsAddresses extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    return { ...options, address: options.address.toLowerCase() }
  }

  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    return super.offer(from, to.toLowerCase(), frame)
  }
}

/** Makes an address of anything. */
class OpensAnything extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    const address = Buffer.from(options.address).subarray(0, 512).toString() || 'nameless'
    return { ...options, address: address.slice(0, 500) }
  }
}

/** Keeps what a closed endpoint has not read, for the next one with its address. */
class KeepsMail extends WrappedTransport {
  readonly #mail = new Map<string, { readonly frame: Uint8Array; readonly from: string }[]>()

  override hear(options: EndpointOptions): EndpointOptions {
    const unread = this.#mail.get(options.address) ?? []
    for (const { frame, from } of unread) setImmediate(() => handOver(options, frame, from))
    return options
  }

  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    const mail = { frame: new Uint8Array(frame), from: from.address }
    this.#mail.set(to, [...(this.#mail.get(to) ?? []), mail])
    return super.offer(from, to, frame)
  }
}

/** Cuts what is too large. */
class CutsToSize extends WrappedTransport {
  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    return super.offer(from, to, frame.subarray(0, from.maxFrameBytes))
  }
}

/** Leaves its endpoints open. */
class LeavesEndpointsOpen extends WrappedTransport {
  override async close(): Promise<void> {
    return undefined
  }
}

/** Has a timer that its close does not know. */
class LeavesATimer extends WrappedTransport {
  override hear(options: EndpointOptions): EndpointOptions {
    setTimeout(() => undefined, 3_000)
    return options
  }
}

/** One network for every world, as a registry at module level makes it. */
function sharesItsWorld(): TransportSubject {
  const hub = new Hub()
  return {
    ...subjectOf(WrappedTransport),
    name: 'SharesItsWorld',
    create: async () => ({ transports: [new WrappedTransport(hub)] }),
  }
}

/** Loses what is offered after `cut`, and says so. */
class Cuttable extends WrappedTransport {
  #cut = false

  cut(): void {
    this.#cut = true
  }

  override offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    if (!this.#cut) return super.offer(from, to, frame)
    this.lost(from, to)
    return 'sent'
  }

  lost(from: WrappedEndpoint, to: string): void {
    from.options.onLost?.(to)
  }
}

/** Does not report that a link was lost. */
class LosesInSilence extends Cuttable {
  override lost(): void {
    return undefined
  }
}

function cuttable(Wrapped: new (hub: Hub) => Cuttable): TransportSubject {
  const sever = async ({ transports: [first] }: TransportWorld): Promise<void> => {
    if (first instanceof Cuttable) first.cut()
  }
  return { ...subjectOf(Wrapped), sever }
}

/** A sound transport whose link can be cut. */
export const severable = cuttable(Cuttable)

export const lifecycleMutants: readonly TransportMutant[] = [
  mutant('T14', 'nobody', SendsToNobody),
  mutant('T15', 'closed', FullForEver),
  mutant('T16', 'silence', SpeaksToTheClosed),
  mutant('T17', 'close-again', ClosesOnce),
  mutant('T18', 'address-in-use', TakesAddresses),
  mutant('T19', 'address-any', FoldsAddresses),
  mutant('T20', 'address-invalid', OpensAnything),
  { law: 'T21', lawName: 'address-again', subject: subjectOf(KeepsMail, 1) },
  mutant('T22', 'frame-size', CutsToSize),
  mutant('T23', 'transport-close', LeavesEndpointsOpen),
  { law: 'T24', lawName: 'apart', subject: sharesItsWorld() },
  mutant('T25', 'nothing-left', LeavesATimer),
  { law: 'T26', lawName: 'lost', subject: cuttable(LosesInSilence) },
]
