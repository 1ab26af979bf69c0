import type { AnyPrimitive, Disposition, PrimitiveClass, TriggerOptions } from '@stigmergy/core'
import type fc from 'fast-check'
import type { Step } from './step.js'

/** What happens, and what the trigger must make of it. Fields that are left out are not compared. */
export interface Example {
  readonly name?: string
  /** Default: the first of the valid options. */
  readonly options?: unknown
  /** Added to those of the subject. */
  readonly common?: TriggerOptions
  /** Default: as the subject says. */
  readonly multi?: boolean
  /** The time at the beginning, ms since epoch. Default 0. */
  readonly startMs?: number
  readonly given: readonly Step[]
  /** The keys of the objects of each firing, in order. */
  readonly fires: readonly (readonly string[])[]
  /** The function of each firing; `target` is the trigger's own. */
  readonly targets?: readonly string[]
  /** Whether each firing is partial. */
  readonly partial?: readonly boolean[]
  /** The keys of all disposed objects by reason, in order. */
  readonly disposed?: Readonly<Partial<Record<Disposition, readonly string[]>>>
  /** The keys of what the trigger still holds, in order of arrival. */
  readonly held?: readonly string[]
  /** Whether a round was reported that can never fire, or with which reason. */
  readonly unsatisfied?: boolean | string
  /** The code of an error that a producer or a closing caller got. */
  readonly refused?: string
}

/** A state as an older version of the primitive has stored it, and what it becomes. */
export interface OlderState {
  readonly stateVersion: number
  readonly state: unknown
  readonly becomes: unknown
}

/** A primitive under test. */
export interface TriggerSubject<Options = unknown> {
  /** Stands in the titles of the tests. Default: the name of the primitive. */
  readonly name?: string
  readonly primitive: PrimitiveClass<Options>
  /** The primitives that the options name, for one that is made of others. Default none. */
  readonly primitives?: readonly AnyPrimitive[]
  readonly options: {
    /** All laws are checked for each of them. Include the extremes. */
    readonly valid: readonly unknown[]
    /** Must be refused. */
    readonly invalid: readonly unknown[]
  }
  readonly examples: readonly Example[]
  /** Further steps that random histories are made of, where the general ones do not make the primitive do much. */
  readonly arbitrary?: (options: Options) => fc.Arbitrary<readonly Step[]>
  /** Options that every trigger has. */
  readonly common?: TriggerOptions
  /** Whether the bucket takes several objects of one key. Default: histories try both, examples do not. */
  readonly multi?: boolean
  /** The functions besides the trigger's own that the valid options name. Default: not compared. */
  readonly targets?: readonly string[]
  /** How many past objects the state of a bucket may remember, such as keys that it has seen. Default 0. */
  readonly remembers?: number
  /** At least one for each older `stateVersion`. */
  readonly older?: readonly OlderState[]
}
