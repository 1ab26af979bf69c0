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
 * Checks a composition, as `defineRuntime` of core does, with the builtin primitives and a memory store in place:
 * an embedded runtime needs no config at all.
 */
export function defineRuntime(config: RuntimeConfig = {}): RuntimeDefinition {
  const { primitives = [], provide = [] } = config ?? {}
  const areLists = [primitives, provide].every((given) => Array.isArray(given))
  if (!areLists || typeof config !== 'object' || config === null) return defineCoreRuntime(config) // it says what is wrong
  return defineCoreRuntime({
    ...config,
    primitives: [...builtins, ...primitives],
    provide: [memoryStore, ...provide],
  })
}
