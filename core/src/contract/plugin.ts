import { markCopy } from '../copy.js'
import type { Token } from '../di/tokens.js'
import type { AnyPrimitive } from './trigger.js'

/** Parts by the names under which a plugin wants them. */
export type Needs = Readonly<Record<string, Token<unknown>>>

/** The parts that stand behind needs. */
export type Met<N extends Needs> = { readonly [Name in keyof N]: N[Name] extends Token<infer T> ? T : never }

/** An extension of a runtime, as a value: what it needs, what it provides, and how it starts. */
export interface Plugin<N extends Needs = Needs, P = unknown> {
  readonly name: string
  readonly needs?: N
  /** The part that `start` returns. At most one plugin of a runtime provides a part. */
  readonly provides?: Token<P>
  /** Primitives that apps of the runtime may use. */
  readonly primitives?: readonly AnyPrimitive[]
  /** Runs after the plugins that provide its needs. What it returns is disposed at close, newest first, when it can be. */
  readonly start?: (needs: Met<N>) => P | Promise<P>
}

/** Any plugin, whatever it needs and provides. */
export interface AnyPlugin {
  readonly name: string
  readonly needs?: Readonly<Record<string, symbol>>
  readonly provides?: symbol
  readonly primitives?: readonly AnyPrimitive[]
  readonly start?: (needs: never) => unknown
}

/** Checks the types of a plugin, and notes which copy of this package it was made with. */
export function definePlugin<const N extends Needs, P>(plugin: Plugin<N, P>): Plugin<N, P> {
  return markCopy(plugin)
}
