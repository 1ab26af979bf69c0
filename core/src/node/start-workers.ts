import type { App, AppManifest } from '../app/define-app.js'
import type { FoundedNode } from '../contract/index.js'
import type { Parts } from '../di/container.js'
import { Tokens } from '../di/tokens.js'
import { StigmergyError } from '../errors.js'
import type { DefinedWorkers, RuntimeDefinition } from '../runtime/define-runtime.js'
import type { Owner } from '../runtime/owner.js'
import type { FunctionSlot } from '../worker/function-slot.js'
import type { AppAddress } from './control.js'
import { Crew } from './crew.js'
import { Fleet } from './fleet.js'
import { numberFunctions } from './functions.js'
import { inlineBytesOf } from './packing.js'
import { processStarter } from './start-process.js'
import { threadStarter } from './start-thread.js'
import { Watchdog } from './watchdog.js'
import { replacesCodec } from './worker-codec.js'

/** The address of the home on the transport of its node. */
const home = 'home'

/** A runtime's node: joined by its home, and about to be joined by its workers. */
export interface Home {
  readonly crew: Crew
  readonly fleet: Fleet
}

/** Founds the node, whose store becomes that of the runtime. */
export async function foundNode(
  { kind, count, exchange }: DefinedWorkers,
  parts: Parts,
  owner: Owner,
): Promise<FoundedNode> {
  const node = owner.own(await exchange.found({ workers: kind, members: count + 1 }))
  parts.set(Tokens.ObjectStore, node.member.store)
  return node
}

/** Makes what the home needs to have functions run elsewhere. The workers start with `fleet.start`. */
export async function makeHome(
  definition: RuntimeDefinition & { readonly workers: DefinedWorkers },
  apps: readonly App[],
  node: FoundedNode,
  parts: Parts,
  owner: Owner,
): Promise<Home> {
  const { workers } = definition
  const { kind, count, maxBlockMs, recycleAboveMb, startMs } = workers
  const { transport, store, load } = node.member
  const clock = parts.get(Tokens.Clock)
  const endpoint = owner.own(
    await transport.open({
      address: home,
      receive: (frame, from) => crew.receive(frame, from),
      onLost: (peer) => crew.lost(peer),
    }),
  )
  const crew: Crew = new Crew({
    endpoint,
    load,
    store,
    count,
    codec: parts.get(Tokens.Codec),
    inlineBytes: inlineBytesOf(node.member),
    placement: parts.get(Tokens.Placement),
    slots: parts.get(Tokens.Limits).slots,
    numberOf: numbering(apps.map(({ manifest }) => manifest)),
    onRun: () => watchdog.wake(),
  })
  const fleet = new Fleet({
    node,
    crew,
    clock,
    home,
    count,
    startMs,
    events: parts.get(Tokens.Events),
    startWorker: kind === 'thread' ? threadStarter(workers) : processStarter(workers),
    apps: apps.map(addressOf),
    config: replacesCodec(definition) ? definition.site : undefined,
  })
  const watchdog: Watchdog = new Watchdog({ crew, fleet, load, clock, maxBlockMs, recycleAboveMb })
  owner.own(fleet)
  owner.own(watchdog)
  return { crew, fleet }
}

function numbering(apps: readonly AppManifest[]): (slot: FunctionSlot) => number {
  const numbers = new Map<string, Map<string, number>>()
  numberFunctions(apps).forEach(({ app, declaration }, number) => {
    const ofApp = numbers.get(app) ?? new Map<string, number>()
    numbers.set(app, ofApp.set(declaration.name, number))
  })
  return ({ app, name }) => numbers.get(app)!.get(name)!
}

function addressOf({ name, module }: App): AppAddress {
  if (module !== undefined) return { name, module }
  throw new StigmergyError(
    'STG_WORKER_APP',
    `App ${name} is not defined in a module that a worker could import. Define it at the top level of a file.`,
    { details: { app: name } },
  )
}
