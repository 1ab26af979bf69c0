import type { StoredObject } from '../bucket/stored-object.js'
import type { Firing, Producer } from '../contract/index.js'
import type { Attempt } from '../worker/attempt.js'
import type { Order, SentFiring, SentObject, SentProducer } from './messages.js'
import { packStored, type PackingParts } from './packing.js'

/** The order to run an attempt. Throws `STG_CODEC_UNSUPPORTED` for values that cannot travel. */
export function sentOrder(run: number, attempt: Attempt, fn: number, parts: PackingParts): Order {
  const { invocation } = attempt
  const { session, id, objects, trigger } = invocation
  const sent = objects.map((object) => sentObject(object, session, parts))
  const firing = invocation.record === undefined ? undefined : sentFiring(invocation.record.firing)
  return ['run', run, fn, session, id, attempt.attempt, sent, trigger, firing]
}

function sentObject(object: StoredObject, runSession: string, parts: PackingParts): SentObject {
  const { bucket, key, seq, at, bytes, hops, producer, session } = object
  const value = packStored(object.handle, bytes, parts)
  const usual = [bucket, key, seq, at, bytes, hops, sentProducer(producer), value] as const
  const rare = rareFields(object)
  if (session === runSession && rare === undefined) return usual
  return [...usual, session === runSession ? undefined : session, rare]
}

function sentProducer({ fn, invocation, attempt, name, cause }: Producer): SentProducer {
  if (name === undefined && cause === undefined) return [fn, invocation, attempt]
  return [fn, invocation, attempt, name, cause?.trigger, cause?.tag]
}

const rareNames = ['et', 'group', 'groups', 'role', 'occurrence', 'meta'] as const

function rareFields(object: StoredObject): Readonly<Record<string, unknown>> | undefined {
  const rare = rareNames.filter((name) => object[name] !== undefined)
  return rare.length === 0 ? undefined : Object.fromEntries(rare.map((name) => [name, object[name]]))
}

/** What a function can know of the firing that runs it; undefined when that is nothing out of the ordinary. */
export function sentFiring({ partial, missing, window, cause, meta }: Firing): SentFiring | undefined {
  if (!(partial ?? missing ?? window ?? cause ?? meta)) return undefined
  const fields = { partial, missing, window, cause, meta }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
