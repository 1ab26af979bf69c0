import type { Closed, Outcome } from '@stigmergy/core'

/** An object is put. What is left out is as for a put from outside that no other put has to do with. */
export interface PutStep {
  /** The key of the object. */
  readonly put: string
  /** Default `s1`. */
  readonly session?: string
  readonly role?: string
  readonly group?: string
  readonly groups?: readonly string[]
  readonly et?: number
  readonly meta?: Readonly<Record<string, unknown>>
  /** Default 1. */
  readonly bytes?: number
  /** Default 0. */
  readonly hops?: number
  /** The name that the producer gave itself. */
  readonly producer?: string
  /** The function that puts. Default: none, as for a put from outside. */
  readonly fn?: string
  /** The invocation that puts. Default: one of its own for each put. */
  readonly invocation?: string
  /** Default 1. */
  readonly attempt?: number
  /** The tag of the firing of this trigger that started the invocation. */
  readonly tag?: string
  /** Instead of `tag`: the key of an object in that firing, when the trigger chooses the tags. */
  readonly tagOf?: string
}

/** Time passes, and timers run at their own times, those at the last moment included. */
export interface AdvanceStep {
  /** ms. */
  readonly advance: number
}

/** Time passes as for a suspended process: what becomes due waits, at the last moment for longer than the next step. */
export interface JumpStep {
  /** ms. */
  readonly jump: number
}

/** Fields of a fact; see `Closed` in the core. The outcome is `succeeded` unless it says otherwise. */
type Facts = Partial<Omit<Closed, 'scope' | 'confirmed'>> & {
  /** Objects by `seq` or by key. Default: what the attempt has put that an earlier attempt had put already. */
  readonly confirmed?: readonly (number | string)[]
}

/** Something has ended: its scope, or the fact itself, with the fields of the fact beside it or in it. */
export interface ClosedStep extends Facts {
  readonly closed: Closed['scope'] | (Facts & Pick<Closed, 'scope'>)
  /** Of an item, instead of its name: the key of an object in its firing. */
  readonly tagOf?: string
  /** Default `s1`. */
  readonly session?: string
}

/** Somebody wants what is held. */
export interface FlushStep {
  readonly flush: true
  /** Default `s1`. */
  readonly session?: string
}

/** What is held is disposed, and the trigger starts afresh. */
export interface ResetStep {
  readonly reset: true
  /** Default `s1`. */
  readonly session?: string
}

/** The session is over: the trigger learns it, is flushed if it asks for that, and is dropped. */
export interface EndStep {
  readonly end: Outcome
  /** Default `s1`. */
  readonly session?: string
}

/** One thing that happens around a trigger. A text is a put of that key. */
export type Step = string | PutStep | AdvanceStep | JumpStep | ClosedStep | FlushStep | ResetStep | EndStep

/** The session of steps that name none. */
export const defaultSession = 's1'
