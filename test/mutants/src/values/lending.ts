import { CborCodec, type StoreHandle } from '@stigmergy/core'
import { createHmac } from 'node:crypto'
import { mutant, WrappedPort, type ValueMutant } from './wrapped-port.js'

/** Reclaims when a value has been fetched once. */
class LendsOnce extends WrappedPort {
  static readonly ports = new WeakMap<Uint8Array, LendsOnce>()

  override lend(handle: StoreHandle): Uint8Array {
    const ticket = super.lend(handle)
    LendsOnce.ports.set(ticket, this)
    return ticket
  }

  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const handle = await super.fetch(ticket, signal)
    LendsOnce.ports.get(ticket)?.reclaim(ticket)
    return handle
  }
}

/** Still has at home what it has reclaimed. */
class KeepsItsOwn extends WrappedPort {
  readonly #handles = new Map<Uint8Array, StoreHandle>()

  override lend(handle: StoreHandle): Uint8Array {
    const ticket = super.lend(handle)
    this.store.retain(handle)
    this.#handles.set(ticket, handle)
    return ticket
  }

  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    return this.#handles.get(ticket) ?? super.fetch(ticket, signal)
  }
}

/** Has one ticket for a value, whoever lends it how often. */
class ReclaimsForAll extends WrappedPort {
  readonly #tickets = new Map<StoreHandle, Uint8Array>()

  override lend(handle: StoreHandle): Uint8Array {
    const known = this.#tickets.get(handle)
    if (known !== undefined) return known
    const ticket = super.lend(handle)
    this.#tickets.set(handle, ticket)
    return ticket
  }
}

/** Does not care whose ticket it is that is given back. */
class TakesAnyTicket extends WrappedPort {
  override reclaim(ticket: Uint8Array): void {
    try {
      super.reclaim(ticket)
    } catch (error) {
      if (Buffer.from(ticket).includes(this.address)) throw error
    }
  }
}

/** Reads tickets up to their end, and whatever comes after it. */
class ReadsTheBeginning extends WrappedPort {
  #length = 0

  override lend(handle: StoreHandle): Uint8Array {
    const ticket = super.lend(handle)
    this.#length = ticket.length
    return ticket
  }

  override reclaim(ticket: Uint8Array): void {
    super.reclaim(this.#length === 0 ? ticket : ticket.subarray(0, this.#length))
  }
}

/** Makes its tickets with a secret that everybody knows. */
class KnowsNoSecret extends WrappedPort {
  static readonly #secret = Buffer.alloc(32)

  override lend(handle: StoreHandle): Uint8Array {
    return this.#sign(super.lend(handle), KnowsNoSecret.#secret)
  }

  override reclaim(ticket: Uint8Array): void {
    super.reclaim(this.#own(ticket))
  }

  override fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    return super.fetch(this.#own(ticket), signal)
  }

  /** As if this port had made it. */
  #own(ticket: Uint8Array): Uint8Array {
    const isSigned = Buffer.compare(this.#sign(ticket, KnowsNoSecret.#secret), ticket) === 0
    return isSigned ? this.#sign(ticket, this.options.secret) : ticket
  }

  #sign(ticket: Uint8Array, secret: Uint8Array): Uint8Array {
    const [name = ''] = Buffer.from(ticket).toString('latin1').split(' ')
    return Buffer.from(`${name} ${createHmac('sha256', secret).update(name).digest('hex')}`)
  }
}

/** Finds out late that a value cannot travel, when it holds it already. */
class HoldsWhatCannotTravel extends WrappedPort {
  override lend(handle: StoreHandle): Uint8Array {
    this.store.retain(handle)
    new CborCodec().encode(this.store.read(handle))
    this.store.release(handle)
    return super.lend(handle)
  }
}

export const lendingMutants: readonly ValueMutant[] = [
  mutant('V5', 'held', LendsOnce),
  mutant('V6', 'reclaimed', KeepsItsOwn),
  mutant('V7', 'reclaim-again', ReclaimsForAll),
  mutant('V8', 'foreign', TakesAnyTicket),
  mutant('V9', 'forged', ReadsTheBeginning),
  mutant('V10', 'secret', KnowsNoSecret),
  mutant('V11', 'unsupported', HoldsWhatCannotTravel),
]
