import { StigmergyError } from '@stigmergy/core'

/** An endpoint of some member. */
export interface OpenAddress {
  /** Never given twice in a node. */
  readonly id: number
  readonly address: string
  readonly member: number
}

/** The open endpoints of a node, as one member knows them. */
export class AddressBook {
  readonly #byAddress = new Map<string, OpenAddress>()
  readonly #byId = new Map<number, OpenAddress>()

  get all(): readonly OpenAddress[] {
    return [...this.#byId.values()]
  }

  enter(place: OpenAddress): void {
    this.#byAddress.set(place.address, place)
    this.#byId.set(place.id, place)
  }

  find(address: string): OpenAddress | undefined {
    return this.#byAddress.get(address)
  }

  get(id: number): OpenAddress | undefined {
    return this.#byId.get(id)
  }

  /** From now on nobody has its address. Who had it is still known: what it has sent may be under way. */
  withdraw(id: number): OpenAddress | undefined {
    const place = this.#byId.get(id)
    if (place !== undefined && this.#byAddress.get(place.address) === place)
      this.#byAddress.delete(place.address)
    return place
  }

  remove(id: number): OpenAddress | undefined {
    const place = this.withdraw(id)
    this.#byId.delete(id)
    return place
  }
}

/** Throws `STG_TRANSPORT_ADDRESS` unless it is 1 to 512 bytes of UTF-8. */
export function checkAddress(address: string): void {
  if (address === '' || Buffer.byteLength(address) > 512 || /\p{Surrogate}/u.test(address))
    throw invalidAddress(address, 'is not 1 to 512 bytes of UTF-8')
}

/** The error for an address that cannot be had. */
export function invalidAddress(address: string, why: string): StigmergyError {
  return new StigmergyError('STG_TRANSPORT_ADDRESS', `The address ${JSON.stringify(address)} ${why}.`, {
    details: { address },
  })
}
