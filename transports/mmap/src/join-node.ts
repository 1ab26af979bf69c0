import { StigmergyError, type NodeMember } from '@stigmergy/core'
import { checkPrivate } from './directory.js'
import { loadMapping, type Mapping } from './mapping.js'
import { MappedMember } from './member.js'
import { Roster } from './roster.js'
import { isSystemError } from './system-error.js'
import { readTicket, type TicketData } from './ticket.js'

/** Takes up the membership that a ticket is for, once. Throws `STG_NODE_UNAVAILABLE` when it is not to be had any more. */
export async function joinNode(data: unknown): Promise<NodeMember> {
  const ticket = readTicket(data)
  const mapping = await loadMapping()
  const roster = openRoster(mapping, ticket)
  try {
    return takeUp(mapping, roster, ticket)
  } catch (error) {
    roster.close()
    throw error
  }
}

function takeUp(mapping: Mapping, roster: Roster, ticket: TicketData): MappedMember {
  const { node, member, epoch } = ticket
  if (roster.id !== node || !roster.join(member, epoch))
    throw unavailable(`Place ${member} of this node was taken up before, or has been given up.`)
  try {
    return new MappedMember(mapping, roster, ticket)
  } catch (error) {
    roster.leave(member, epoch)
    throw error
  }
}

function openRoster(mapping: Mapping, { directory }: TicketData): Roster {
  try {
    checkPrivate(directory)
    return Roster.open(mapping, directory)
  } catch (cause) {
    const hasClosed = StigmergyError.is(cause, 'STG_STORE_DIRECTORY') || isSystemError(cause, 'ENOENT')
    throw hasClosed ? unavailable(`The node in ${directory} has closed.`, cause) : cause
  }
}

function unavailable(message: string, cause?: unknown): StigmergyError {
  return new StigmergyError('STG_NODE_UNAVAILABLE', message, cause === undefined ? {} : { cause })
}
