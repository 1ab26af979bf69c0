import type { NodeMember } from '@stigmergy/core'
import { createConnection } from 'node:net'
import { Connection } from './connection.js'
import { SocketMember } from './member.js'
import { Kind, largestBytesOf } from './message.js'
import { SpokeLink } from './spoke-link.js'
import { readTicket, type TicketData } from './ticket.js'
import { unavailable } from './unavailable.js'

/** Takes up the membership that a ticket is for, once. Throws `STG_NODE_UNAVAILABLE` when it is not to be had any more. */
export async function joinNode(data: unknown): Promise<NodeMember> {
  const ticket = readTicket(data)
  const link = await connect(ticket)
  link.keepAlive(false)
  const { exchange, load } = link
  return new SocketMember({
    number: ticket.member,
    exchange,
    load,
    store: ticket.store,
    end: () => link.end(),
  })
}

/** Presents the ticket, and waits until the founder has told all that there is to know. */
async function connect(ticket: TicketData): Promise<SpokeLink> {
  const { path, member, token, frames } = ticket
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('error', (cause) =>
      reject(unavailable(`The founder of this node is gone: ${cause.message}.`, cause)),
    )
    const connection = new Connection(socket, largestBytesOf(frames.maxFrameBytes), {
      message: (message) => {
        if (message.kind === Kind.Welcome) resolve(link)
        else link.hear(message)
      },
      closed: () => {
        link.exchange.end()
        reject(unavailable(`Place ${member} of this node was taken up before, or has been given up.`))
      },
    })
    const link = new SpokeLink(ticket, connection)
    connection.send(Kind.Hello, [member], Buffer.from(token, 'base64'))
  })
}
