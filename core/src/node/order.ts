import type { StoredObject } from '../bucket/stored-object.js'
import type { Firing } from '../contract/index.js'
import type { RemoteRun } from './colleague.js'
import type { RunOrder, SentFiring, SentObject } from './messages.js'
import { packStored, type PackingParts } from './packing.js'

/** The order for a run of the function with this number. Throws `STG_CODEC_UNSUPPORTED` for values that cannot travel. */
export function runOrder({ id: run, attempt }: RemoteRun, fn: number, parts: PackingParts): RunOrder {
  const { session, id: invocation, objects, trigger, record, order } = attempt.invocation
  return {
    kind: 'run',
    run,
    fn,
    session,
    invocation,
    attempt: attempt.attempt,
    objects: objects.map((object) => sentObject(object, parts)),
    trigger,
    firing: record === undefined ? order?.about : sentFiring(record.firing),
  }
}

function sentObject(object: StoredObject, parts: PackingParts): SentObject {
  return { ref: object, parcel: packStored(object.handle, object.bytes, parts) }
}

/** What a function can know of the firing that runs it; undefined when that is nothing out of the ordinary. */
export function sentFiring(firing: Firing): SentFiring | undefined {
  const { partial, missing, window, cause, meta } = firing
  if ((partial ?? missing ?? window ?? cause ?? meta) === undefined) return undefined
  const fields = { partial, missing, window, cause, meta }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
