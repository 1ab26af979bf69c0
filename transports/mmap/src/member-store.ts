import type { ObjectStore } from '@stigmergy/core'
import type { Mapping } from './mapping.js'
import { openMappedStore } from './store.js'
import type { TicketData } from './ticket.js'

/** The window of a member on the object store of its node. */
export function openMemberStore(mapping: Mapping, { directory, member, waitMs }: TicketData): ObjectStore {
  return openMappedStore(mapping, directory, { member, ...(waitMs === undefined ? {} : { waitMs }) })
}
