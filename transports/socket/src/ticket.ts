import { StigmergyError } from '@stigmergy/core'
import type { FrameLimits, StoreLimits } from './options.js'

/** How many bytes a token has: random, and good for one membership. */
export const tokenBytes = 32

/** What a member needs to take up its place. Plain data. */
export interface TicketData {
  /** Of the socket. */
  readonly path: string
  readonly member: number
  /** In base64. */
  readonly token: string
  /** Places of the node. */
  readonly members: number
  readonly frames: FrameLimits
  readonly store: StoreLimits
}

const numbers = ['maxFrameBytes', 'maxQueuedFrames', 'maxQueuedBytes', 'limitBytes', 'waitMs']

/** Throws `STG_NODE_UNAVAILABLE` when `data` is not what a founder of this version has given out. */
export function readTicket(data: unknown): TicketData {
  if (isTicket(data)) return data
  const message = 'This is not the data of a ticket for a node of socket; pass on what admit() gave.'
  throw new StigmergyError('STG_NODE_UNAVAILABLE', message)
}

function isTicket(data: unknown): data is TicketData {
  const fields = fieldsOf(data)
  const limits = new Map([...fieldsOf(fields.get('frames')), ...fieldsOf(fields.get('store'))])
  return (
    ['path', 'token'].every((name) => typeof fields.get(name) === 'string') &&
    ['member', 'members'].every((name) => Number.isSafeInteger(fields.get(name))) &&
    numbers.every((name) => Number.isSafeInteger(limits.get(name)))
  )
}

function fieldsOf(data: unknown): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(typeof data === 'object' && data !== null ? Object.entries(data) : [])
}
