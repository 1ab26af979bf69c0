import type { ObjectRef } from '../contract/index.js'
import type { Work } from './cluster-messages.js'
import type { FiringOrder } from './firing-order.js'
import type { ShardState } from './shard-state.js'
import type { SharedBucket } from './shared-bucket.js'
import type { SentRequest } from './shared-sessions.js'

/** All that is under way in a shard, or to be, what was cancelled included. */
export function* workOf(state: ShardState, shard: number): Generator<Work, void, undefined> {
  for (const { request } of state.sessions.open()) yield requestWork(request, shard)
  for (const bucket of state.buckets)
    for (const order of bucket.orders) if (bucket.mayRun(order.id)) yield firingWork(order, bucket, shard)
}

/** The arguments of a request are an object of a bucket that only the runtime knows. */
export function requestWork(
  { session, app, fn, args, bytes, deadlineAt, at }: SentRequest,
  shard: number,
): Work {
  const producer = { fn: '', invocation: session, attempt: 1 }
  const ref: ObjectRef = { bucket: '~request', session, key: 'request', seq: 0, at, bytes, hops: 0, producer }
  const objects = [{ ref, value: args }]
  return { session, parents: [], app, fn, objects, deadlineAt, shard, firing: undefined }
}

export function firingWork(order: FiringOrder, bucket: SharedBucket, shard: number): Work {
  const { id, app, fn, session, parents, trigger, tag, firing: about } = order
  const objects = bucket.objectsOf(order).map(({ ref, value }) => ({ ref, value }))
  const firing = { id, bucket: bucket.name, trigger, tag, about }
  return { session, parents, app, fn, objects, deadlineAt: undefined, shard, firing }
}
