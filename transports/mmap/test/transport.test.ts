import { testTransport } from '@stigmergy/conformance'
import test from 'ava'
import { Host } from './support/host.js'
import { createWorld, type WorldPlan } from './support/world.js'

const thread = new Host('thread')
const child = new Host('process')
test.after.always(async () => {
  await thread.stop()
  await child.stop()
})

const plans: { readonly [Name in string]: WorldPlan } = {
  'mmap between members of one thread and another thread': { here: 2, host: thread },
  'mmap between members of one thread and another process': { here: 2, host: child },
  'mmap over another thread to another process': { here: 2, host: child, over: thread },
  'mmap between endpoints of one member and another process': { here: 1, host: child },
  'mmap with small rings': { here: 2, host: child, over: thread, options: { ringBytes: 2 ** 14 } },
}

for (const [name, plan] of Object.entries(plans))
  testTransport(test, { name, create: () => createWorld(plan) })
