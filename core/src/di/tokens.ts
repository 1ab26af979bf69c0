import 'reflect-metadata'
import { inject as injectToken, injectable } from 'tsyringe'
import type { Clock } from '../clock.js'
import type { NodePlacement } from '../cluster/node-placement.js'
import type { Codec } from '../codec.js'
import { thisCopy } from '../copy.js'
import type { ObjectStore } from '../contract/index.js'
import type { Ids } from '../ids.js'
import type { Placement } from '../node/placement.js'
import type { EventStream } from '../runtime/events.js'
import type { WorkerLimits } from '../worker/limits.js'
import type { RunQueue } from '../worker/run-queue.js'

declare const type: unique symbol

/** The name of a part of a runtime, with the type of the part. */
export type Token<T> = symbol & { readonly [type]?: T }

/** Makes the token of a part that a plugin provides. */
export function token<T>(name: string): Token<T> {
  return Symbol(name)
}

const seams = `stigmergy.seam.${thisCopy.contract}.`

/** The same in every copy of this package that has the contract of this one. */
function seam<T>(name: string): Token<T> {
  return Symbol.for(seams + name)
}

/** What people call it. */
export function tokenName(token: Token<unknown> | undefined): string {
  const text = String(token?.description)
  return text.startsWith(seams) ? text.slice(seams.length) : text
}

/** The seams of a runtime. Whatever stands behind one can be replaced with `provide`. */
export const Tokens = {
  /** Time: `now()` and timers. Default `SystemClock`. */
  Clock: seam<Clock>('Clock'),
  /** Names of sessions. Default `CountingIds`. */
  Ids: seam<Ids>('Ids'),
  /** Values to bytes and back: to compare contents when a key collides, and beyond the worker. Default `CborCodec`. */
  Codec: seam<Codec>('Codec'),
  /** Where values live. Default `MemoryObjectStore` in `stigmergy`; none in core. */
  ObjectStore: seam<ObjectStore>('ObjectStore'),
  /** Which waiting run goes next. Default `FifoQueue`. */
  RunQueue: seam<RunQueue>('RunQueue'),
  /** Which worker runs what comes next, where there are several. Default `LeastLoaded`. */
  Placement: seam<Placement>('Placement'),
  /** Time for leases and time limits in a cluster, which must not jump. Default `SteadyClock`. */
  SteadyClock: seam<Clock>('SteadyClock'),
  /** Which node of a cluster runs what comes next. Default `NearestAndLeastLoaded`. */
  NodePlacement: seam<NodePlacement>('NodePlacement'),
  /** The stream of what happens, for plugins that observe. Default `EventStream`. */
  Events: seam<EventStream>('Events'),
  /** What a worker holds at most, complete. Default `defaultLimits` with `limits` of the config. */
  Limits: seam<WorkerLimits>('Limits'),
} as const

/** Marks a constructor parameter with the part that it gets. Only a part of the right type fits. */
export function inject<T>(token: Token<T>): ParameterDecorator {
  return injectToken(token) as ParameterDecorator
}

export { injectable }
