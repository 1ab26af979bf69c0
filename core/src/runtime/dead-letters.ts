import type { StoredObject } from '../bucket/stored-object.js'
import type { Disposition, ErrorInfo } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { FiringRecord } from '../worker/invocation.js'
import type { DeadLetter } from './face.js'

/** What could not be delivered, before anybody reads it. */
export type Undelivered = {
  readonly at: number
  readonly session: string
  readonly objects: readonly StoredObject[]
} & (
  | {
      readonly kind: 'firing'
      readonly fn: string
      readonly app: string
      readonly firing: string
      readonly attempts: number
      readonly error: ErrorInfo
      /** The firing; undefined for a request. */
      readonly record: FiringRecord | undefined
    }
  | { readonly kind: 'object'; readonly app: string; readonly trigger: string; readonly reason: Disposition }
)

/** The dead letters of a worker: it keeps their objects alive, and drops the oldest letter beyond its limit. */
export class DeadLetterBox {
  dropped = 0
  readonly #letters = new Map<string, Undelivered>()
  #limit: number
  #count = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#letters.size
  }

  /** Keeps the letter; its id. */
  add(letter: Undelivered): string {
    this.#count += 1
    const id = `dl-${this.#count}`
    letter.objects.forEach((object) => object.hold())
    this.#letters.set(id, letter)
    if (this.#letters.size > this.#limit) this.#dropOldest()
    return id
  }

  list(): readonly DeadLetter[] {
    return Array.from(this.#letters, ([id, letter]) => letterOf(id, letter))
  }

  /** Throws `STG_DEAD_LETTER_UNKNOWN`. */
  get(id: string): Undelivered {
    const letter = this.#letters.get(id)
    if (letter !== undefined) return letter
    throw new StigmergyError(
      'STG_DEAD_LETTER_UNKNOWN',
      `There is no dead letter ${JSON.stringify(id)}; it was re-driven, discarded or dropped.`,
      {
        details: { id },
      },
    )
  }

  /** Forgets the letter and lets its objects go. */
  remove(id: string): void {
    const { objects } = this.get(id)
    this.#letters.delete(id)
    objects.forEach((object) => object.letGo())
  }

  /** Lets everything go, now and whatever still comes. */
  close(): void {
    this.#limit = 0
    for (const id of [...this.#letters.keys()]) this.remove(id)
  }

  #dropOldest(): void {
    const oldest = this.#letters.keys().next().value
    if (oldest === undefined) return
    this.remove(oldest)
    this.dropped += 1
  }
}

function letterOf(id: string, letter: Undelivered): DeadLetter {
  const values = letter.objects.map((object) => object.value)
  const { app: _app, ...told } = letter
  if (told.kind === 'object') return { id, ...told, values }
  const { record: _record, ...firing } = told
  return { id, ...firing, values }
}
