import type { Codec } from '../codec.js'
import type { ObjectRef } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { SentValue } from './shared-object.js'

/**
 * An object as `filter` and `partitionBy` of a shared trigger see it: with its value. The value of one that stays on its node is not here
 * to be read: that throws `STG_CLUSTER_SHARED`.
 */
export function routedObject(ref: ObjectRef, sent: SentValue, codec: Codec): ObjectRef {
  const get = (): unknown => {
    if ('inline' in sent) return codec.decode(sent.inline)
    throw staysAway(ref)
  }
  return Object.defineProperty({ ...ref }, 'value', { get })
}

function staysAway({ bucket, key }: ObjectRef): StigmergyError {
  return new StigmergyError(
    'STG_CLUSTER_SHARED',
    `The value of object ${JSON.stringify(key)} of bucket ${bucket} stays on its node, and a filter or partitionBy of a trigger that all nodes share ` +
      'reads it: have it look at the key, the group or meta, or raise inlineBytes of the cluster.',
    { details: { bucket, key } },
  )
}
