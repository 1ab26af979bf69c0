import type { PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import type { SentFiring } from '../node/messages.js'
import type { SentError } from '../node/sent-error.js'
import type { SentObject, SentValue } from './shared-object.js'

/** Firings of one function that wait at a node which has no room for them. */
export interface Wanted {
  readonly app: string
  readonly fn: string
  readonly count: number
}

/** Room that a coordinator has found on a node: it may be given so many at a time. */
export interface Grant {
  readonly node: string
  readonly address: string
  readonly apps: readonly string[]
  readonly count: number
}

/** One attempt of an invocation, which a node runs for the home of its session. */
export interface SentRun {
  /** Counts from 1 at each home. */
  readonly run: number
  readonly app: string
  readonly fn: string
  readonly session: string
  readonly invocation: string
  readonly attempt: number
  readonly objects: readonly SentObject[]
  readonly trigger: string | undefined
  readonly firing: SentFiring | undefined
}

/** What a run says to its home. */
export type Said =
  | {
      readonly kind: 'put'
      readonly app: string
      readonly bucket: string
      readonly key: string | undefined
      readonly value: SentValue
      readonly bytes: number
      readonly options: PutOptions | undefined
    }
  | { readonly kind: 'reply'; readonly value: SentValue; readonly bytes: number }
  | { readonly kind: 'closed'; readonly app: string; readonly bucket: string; readonly fact: UserFact }
  /** It could not be said, and takes the place of what could not. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'ended'; readonly error: SentError | undefined }

/** `over`: the home does not wait for the run any more. */
export type SaidAnswer = { readonly outcome: PutOutcome } | { readonly error: SentError } | 'heard' | 'over'

/** Between a home and the nodes that run functions for it. All may come twice, or late. */
export type AssistMessage =
  /** From a home: run these. Answered with those that the node does not take. */
  | readonly [kind: 'assist', runs: readonly SentRun[]]
  /** From a home, again and again: it lives, and of the runs up to a number it still wants these. Answered with those that do not run there. */
  | readonly [kind: 'wanted', upTo: number, runs: readonly number[]]
  /** From a home: what the run still does is in vain. */
  | readonly [kind: 'withdraw', run: number, reason: SentError | undefined]
  /**
   * To a home, the nth thing that a run says. They are heard in order, each once. Answers before `unanswered` have come, and need not be kept.
   */
  | readonly [kind: 'said', run: number, n: number, unanswered: number, said: Said]
  /** To a home: the node leaves, and nothing more will come of what it runs. */
  | readonly [kind: 'left']
