import { ByBatchSize } from '@stigmergy/by-batch-size'
import { ByName } from '@stigmergy/by-name'
import { BySet } from '@stigmergy/by-set'
import { ByTime } from '@stigmergy/by-time'
import {
  defineRuntime as defineCoreRuntime,
  provideNew,
  type RuntimeConfig,
  type RuntimeDefinition,
  Tokens,
} from '@stigmergy/core'
import { DynamicGroup } from '@stigmergy/dynamic-group'
import { DynamicJoin } from '@stigmergy/dynamic-join'
import { Immediate } from '@stigmergy/immediate'
import { Redundant } from '@stigmergy/redundant'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import { mmap } from '@stigmergy/transport-mmap'
import { socket } from '@stigmergy/transport-socket'
import { machine } from './machine.js'
import { withValues } from './with-values.js'

/** The primitives that every runtime of this package has. */
export const builtins = [
  Immediate,
  ByName,
  BySet,
  DynamicJoin,
  ByBatchSize,
  ByTime,
  Redundant,
  DynamicGroup,
] as const

/** The default store waits by the clock of its runtime. */
const memoryStore = provideNew(Tokens.ObjectStore, ({ clock }) => new MemoryObjectStore({ clock }), {
  clock: Tokens.Clock,
})

/**
 * Checks a composition, as `defineRuntime` of core does, with the builtin primitives and a store in place: a runtime of one
 * thread keeps values in its memory, one with workers in files that they map, or in the memory of each where they cannot.
 * Large values go from node to node of a cluster by TCP.
 * An embedded runtime needs no config at all.
 */
export function defineRuntime(config: RuntimeConfig = {}): RuntimeDefinition {
  return defineCoreRuntime(config, withDefaults)
}

function withDefaults(config: RuntimeConfig): RuntimeConfig {
  const { primitives = [], provide = [], workers, transports, cluster } = config ?? {}
  const areLists = [primitives, provide].every((given) => Array.isArray(given))
  if (!areLists || typeof config !== 'object' || config === null) return config // core says what is wrong
  return {
    ...config,
    primitives: [...builtins, ...primitives],
    ...(cluster !== undefined && { cluster: withValues(cluster) }),
    ...(workers === undefined
      ? { provide: [memoryStore, ...provide] }
      : { transports: { node: machine(mmap(), socket()), ...transports } }),
  }
}
