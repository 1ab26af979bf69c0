import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import { StigmergyError } from '../errors.js'
import { isShared } from './shared-bucket.js'

/** What triggers ask for that one whose authority is a coordinator cannot do: `STG_CONFIG_INVALID`. */
export function notSharable(triggers: readonly TriggerDefinition[]): readonly StigmergyError[] {
  const supervising = triggers.filter(
    (definition) => isShared({ definition }) && definition.common.expect.length > 0,
  )
  return supervising.map(
    ({ bucket, name }) =>
      new StigmergyError(
        'STG_CONFIG_INVALID',
        `Trigger ${bucket}.${name} is shared by the sessions of a cluster, and so cannot supervise producers: leave out expect, ` +
          "or give it scope: 'session'.",
        { details: { trigger: `${bucket}.${name}`, field: 'expect' } },
      ),
  )
}

/** What is asked of a bucket whose triggers are shared by a cluster, and can be done on none of its nodes alone. */
export function sharedBucket(bucket: string, what: string): StigmergyError {
  return new StigmergyError(
    'STG_CLUSTER_SHARED',
    `Bucket ${bucket} has triggers that all nodes of the cluster share, and no node can ${what} on its own: ` +
      'change the app, and start it anew on all nodes.',
    { details: { bucket } },
  )
}
