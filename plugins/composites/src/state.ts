import type { ObjectRef, Part } from '@stigmergy/core'

/** What a trigger keeps of one of its parts. */
export interface PartState {
  /** That of the part's own trigger. */
  state: unknown
  /** The `stateVersion` under which it stands. */
  readonly version: number
  /** What the part holds, by `seq`: one that can never be satisfied cannot tell any more. */
  readonly held: Map<number, ObjectRef>
  /** Due times of its timers by name, ms since epoch. While its turn has not come they are not armed. */
  readonly timers: Map<string, number>
  /** Whether it awaits nothing any more. */
  over: boolean
}

/** What every trigger with parts keeps. */
export interface Composed {
  readonly parts: PartState[]
  /** How many hold an object: parts, and what they have given. By `seq`. */
  readonly holders: Map<number, number>
  /** `seq` of held objects that have been fired already. */
  readonly fired: Set<number>
  /** The fact or flush that has just moved the trigger, in case that it is told twice. */
  last: { readonly fact: string; readonly absorbed: boolean } | null
}

/** A part that nothing has happened to. */
export function newPart({ trigger, meta }: Part): PartState {
  return {
    state: trigger.initialState(),
    version: meta.stateVersion,
    held: new Map(),
    timers: new Map(),
    over: false,
  }
}

/** All parts at their beginning. */
export function newParts(parts: readonly Part[]): Composed {
  return { parts: parts.map(newPart), holders: new Map(), fired: new Set(), last: null }
}
