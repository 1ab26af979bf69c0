import { testTransport, type TransportWorld } from '@stigmergy/conformance'
import test from 'ava'
import { Host } from './support/host.js'
import { createWorld, type SocketWorld, type WorldPlan } from './support/world.js'

const thread = new Host('thread')
const child = new Host('process')
test.after.always(async () => {
  await thread.stop()
  await child.stop()
})

const plans: { readonly [Name in string]: WorldPlan } = {
  'socket between members of one thread and another thread': { here: 2, host: thread },
  'socket between members of one thread and another process': { here: 2, host: child },
  'socket between three members of one thread': { here: 3, host: child },
  'socket between endpoints of one member and another process': { here: 1, host: child },
}

/** The second member is given up. */
async function sever(world: TransportWorld): Promise<void> {
  ;(world as SocketWorld).node.bury(1)
}

for (const [name, plan] of Object.entries(plans))
  testTransport(test.serial, {
    name,
    create: () => createWorld(plan),
    ...(plan.here > 1 ? { sever } : {}),
  })
