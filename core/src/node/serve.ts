import type { AppManifest } from '../app/define-app.js'
import { SystemClock } from '../clock.js'
import type { Codec } from '../codec.js'
import type { JoinNode, NodeMember } from '../contract/index.js'
import { codecOf } from './worker-codec.js'
import type { FromWorker, ToWorker, WorkerOrders } from './control.js'
import { numberFunctions } from './functions.js'
import { Guest } from './guest.js'
import { importDefinitions } from './import-definitions.js'
import { Outbox } from './outbox.js'
import { inlineBytesOf } from './packing.js'
import { sentError } from './sent-error.js'

/** The channel to whoever has started this worker. */
export interface WorkerPort {
  on(event: 'message', listener: (message: unknown) => void): unknown
  postMessage(message: FromWorker): void
}

/** Works for whoever has started this thread or process, until told to stop. */
export function serve(port: WorkerPort): void {
  let working: Promise<Working> | undefined
  port.on('message', (message) => {
    const order = message as ToWorker
    if (order.type === 'start') {
      working = begin(order.orders)
      working.then(
        () => port.postMessage({ type: 'ready' }),
        (error: unknown) => port.postMessage({ type: 'failed', error: sentError(error) }),
      )
    } else void stop(working)
  })
}

interface Working {
  readonly guest: Guest
  readonly member: NodeMember
}

async function begin(orders: WorkerOrders): Promise<Working> {
  const { apps, definition } = await importDefinitions(orders)
  const { joinNode } = (await import(orders.ticket.module)) as { readonly joinNode: JoinNode }
  const member = await joinNode(orders.ticket.data)
  const codec = codecOf(definition)
  const guest = await open(member, apps, codec, orders)
  return { guest, member }
}

async function open(
  member: NodeMember,
  apps: readonly AppManifest[],
  codec: Codec,
  { home, address }: WorkerOrders,
): Promise<Guest> {
  const { transport, store, load } = member
  const endpoint = await transport.open({
    address,
    receive: (frame) => guest.receive(frame),
    // The home is gone without having said so: nobody wants what this worker does.
    onLost: (peer) => (peer === home ? process.exit(1) : undefined),
    onError: (error) => {
      throw error
    },
  })
  const guest: Guest = new Guest({
    functions: numberFunctions(apps),
    codec,
    store,
    inlineBytes: inlineBytesOf(member),
    load,
    clock: new SystemClock(),
    outbox: new Outbox(endpoint, home),
  })
  guest.greet()
  return guest
}

async function stop(working: Promise<Working> | undefined): Promise<void> {
  try {
    const { guest, member } = (await working) ?? {}
    guest?.close()
    await member?.close()
  } finally {
    process.exit()
  }
}
