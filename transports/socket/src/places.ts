import { StigmergyError } from '@stigmergy/core'
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { tokenBytes } from './ticket.js'

/** A place that is not free: somebody has a ticket for it, or has taken it up. */
type Place = { readonly is: 'promised'; readonly token: Buffer } | { readonly is: 'taken' }

/** Who may be a member of a node, apart from its founder. */
export class Places {
  readonly members: number
  readonly #places = new Map<number, Place>()

  constructor(members: number) {
    this.members = members
  }

  /** Promises a free place to whoever has the token. Throws `STG_NODE_FULL` while there is none. */
  promise(): { readonly member: number; readonly token: string } {
    for (let member = 1; member < this.members; member += 1)
      if (!this.#places.has(member)) {
        const token = randomBytes(tokenBytes)
        this.#places.set(member, { is: 'promised', token })
        return { member, token: token.toString('base64') }
      }
    throw full(this.members)
  }

  /** Whether the place was promised to who has this token: once. */
  takeUp(member: number, token: Uint8Array): boolean {
    const place = this.#places.get(member)
    if (place?.is !== 'promised' || token.length !== tokenBytes) return false
    if (!timingSafeEqual(place.token, token)) return false
    this.#places.set(member, { is: 'taken' })
    return true
  }

  /** A ticket for it is worth nothing any more. */
  free(member: number): void {
    if (!Number.isInteger(member) || member < 1 || member >= this.members)
      throw new TypeError(`A member to bury has a number from 1 to ${this.members - 1}, not ${member}.`)
    this.#places.delete(member)
  }
}

function full(members: number): StigmergyError {
  const message = `All ${members} places of the node are taken; found it for more members, or bury one that is gone.`
  return new StigmergyError('STG_NODE_FULL', message, { details: { members } })
}
