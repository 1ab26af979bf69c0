import { StigmergyError } from '@stigmergy/core'

/** What a member needs to take up its place. Plain data. */
export interface TicketData {
  readonly directory: string
  /** Id of the node, so that the ticket is good for no other one in the same place. */
  readonly node: string
  readonly member: number
  readonly epoch: number
  readonly ringBytes: number
  readonly maxFrameBytes: number
  readonly waitMs?: number
}

const strings = ['directory', 'node']
const numbers = ['member', 'epoch', 'ringBytes', 'maxFrameBytes']

/** Throws `STG_NODE_UNAVAILABLE` when `data` is not what a founder of this version has given out. */
export function readTicket(data: unknown): TicketData {
  if (isTicket(data)) return data
  const message = 'This is not the data of a ticket for a node of mmap; pass on what admit() gave.'
  throw new StigmergyError('STG_NODE_UNAVAILABLE', message)
}

function isTicket(data: unknown): data is TicketData {
  if (typeof data !== 'object' || data === null) return false
  const fields = new Map<string, unknown>(Object.entries(data))
  return (
    strings.every((name) => typeof fields.get(name) === 'string') &&
    numbers.every((name) => Number.isSafeInteger(fields.get(name))) &&
    ['number', 'undefined'].includes(typeof fields.get('waitMs'))
  )
}
