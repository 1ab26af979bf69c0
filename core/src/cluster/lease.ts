import type { Clock, Timer } from '../clock.js'
import type { Register } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { decodeEntry, encodeEntry, type MemberEntry } from './register-values.js'

export interface LeaseOptions {
  readonly register: Register
  /** One that does not jump. */
  readonly clock: Clock
  readonly key: string
  readonly leaseMs: number
  /** What the entry says, asked anew for every renewal. */
  readonly entry: () => MemberEntry
  /** Others have declared the member dead: it must do nothing more. */
  readonly onLost: (error: StigmergyError) => void
}

/** A lease is renewed so often in the time that it lasts. */
const renewals = 3

/**
 * This member's proof of being alive: an entry of the register that it keeps changing. It may act while `isValid`, which it can
 * know by its own clock alone: the lease lasts from before the renewal was sent. Others count from when they see the renewal, so
 * they take it for dead later than it does itself. A lease that could not be renewed in time is valid again with the next renewal,
 * unless somebody has removed the entry in between.
 */
export class Lease {
  readonly #options: LeaseOptions
  #revision = 0
  #validUntil = -Infinity
  #timer: Timer | undefined
  #isOver = false

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Makes the entry. Rejects with `STG_CLUSTER_UNAVAILABLE`. */
  async take(): Promise<void> {
    const { register, clock, key, entry, leaseMs } = this.#options
    const sentAt = clock.now()
    const revision = await register.set(key, encodeEntry(entry()), 0)
    if (revision === undefined) throw taken(key)
    this.#revision = revision
    this.#validUntil = sentAt + leaseMs
    this.#renewLater()
  }

  get isValid(): boolean {
    return !this.#isOver && this.#options.clock.now() < this.#validUntil
  }

  /** Removes the entry, so that others need not wait until it is old. */
  async release(): Promise<void> {
    const { register, key } = this.#options
    this.#end()
    if (this.#revision === 0) return
    try {
      await register.delete(key, this.#revision)
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) throw error // they wait
    }
  }

  /** Renews no more; the entry stays until others remove it. */
  abandon(): void {
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }

  #renewLater(): void {
    const { clock, leaseMs } = this.#options
    if (this.#isOver) return
    this.#timer = clock.setTimer(clock.now() + leaseMs / renewals, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    const { register, clock, key, entry, leaseMs } = this.#options
    const sentAt = clock.now()
    try {
      const revision = await register.set(key, encodeEntry(entry()), this.#revision)
      if (revision === undefined) await this.#lookAfter()
      else {
        this.#revision = revision
        this.#validUntil = sentAt + leaseMs
      }
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) process.emitWarning(asError(error))
    }
    this.#renewLater()
  }

  /** The entry is not as this member knows it: an earlier renewal was made whose answer was lost, or the entry is gone. */
  async #lookAfter(): Promise<void> {
    const { register, key, entry, onLost } = this.#options
    const found = await register.get(key)
    if (this.#isOver) return
    if (found !== undefined && decodeEntry<MemberEntry>(found.value).id === entry().id) {
      this.#revision = found.revision
      return
    }
    this.#end()
    onLost(
      new StigmergyError('STG_CLUSTER_UNAVAILABLE', `The lease ${key} was not renewed in time and is lost.`, {
        retryable: true,
        details: { key },
      }),
    )
  }
}

function taken(key: string): StigmergyError {
  return new StigmergyError('STG_CLUSTER_UNAVAILABLE', `The lease ${key} is held by another member.`, {
    details: { key },
  })
}
