import { SystemClock } from '../clock.js'
import { CborCodec, type Codec } from '../codec.js'
import { Parts, type Provision } from '../di/container.js'
import { Tokens } from '../di/tokens.js'
import type { RuntimeDefinition } from '../runtime/define-runtime.js'

/** Whether workers must have the config itself, because it replaces a part that they need, too. */
export function replacesCodec({ provide }: RuntimeDefinition): boolean {
  return provide.some(({ token }) => token === Tokens.Codec)
}

/** The codec of a config, made for a worker: with what it is made of, and nothing else of the config. */
export function codecOf(definition: RuntimeDefinition | undefined): Codec {
  if (definition === undefined || !replacesCodec(definition)) return new CborCodec()
  const parts = new Parts()
  parts.set(Tokens.Clock, new SystemClock())
  const needed = neededFor(Tokens.Codec, definition.provide)
  for (const { token, needs, make } of definition.provide)
    if (needed.has(token)) parts.set(token, make(parts.meet(needs) as never))
  return parts.get(Tokens.Codec)
}

function neededFor(
  token: symbol,
  provide: readonly Provision[],
  found = new Set<symbol>(),
): ReadonlySet<symbol> {
  found.add(token)
  const needs = provide.find((provision) => provision.token === token)?.needs ?? {}
  for (const need of Object.values(needs)) if (!found.has(need)) neededFor(need, provide, found)
  return found
}
