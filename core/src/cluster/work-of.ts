import type { ObjectRef } from '../contract/index.js'
import type { Work } from './cluster-messages.js'
import type { FiringOrder } from './firing-order.js'
import type { ShardState } from './shard-state.js'
import type { SharedBucket } from './shared-bucket.js'
import type { SentPut, SharedSession } from './shared-sessions.js'

/** Work, and what was put into its session from outside: more may come to that. */
export interface WorkUnderWay {
  readonly work: Work
  readonly puts: ReadonlyMap<string, SentPut>
}

const noPuts: ReadonlyMap<string, SentPut> = new Map()

/** All that is under way in a shard, or to be, what was cancelled included. */
export function* workOf(state: ShardState, shard: number): Generator<WorkUnderWay, void, undefined> {
  for (const session of state.sessions.open()) yield sessionWork(session, shard)
  for (const bucket of state.buckets)
    for (const order of bucket.orders) if (bucket.mayRun(order.id)) yield firingWork(order, bucket, shard)
}

/** The arguments of a request are an object of a bucket that only the runtime knows. */
export function sessionWork({ start, puts }: SharedSession, shard: number): WorkUnderWay {
  const { session, app, fn } = start
  const common = { session, parents: [], app, fn, shard, firing: undefined }
  if (start.fn === undefined) return { work: { ...common, objects: [], deadlineAt: undefined }, puts }
  const { args, bytes, deadlineAt, at } = start
  const producer = { fn: '', invocation: session, attempt: 1 }
  const ref: ObjectRef = { bucket: '~request', session, key: 'request', seq: 0, at, bytes, hops: 0, producer }
  return { work: { ...common, objects: [{ ref, value: args }], deadlineAt }, puts }
}

export function firingWork(order: FiringOrder, bucket: SharedBucket, shard: number): WorkUnderWay {
  const { id, app, fn, session, parents, trigger, tag, firing: about } = order
  const objects = bucket.objectsOf(order).map(({ ref, value }) => ({ ref, value }))
  const firing = { id, bucket: bucket.name, trigger, tag, about }
  const work: Work = { session, parents, app, fn, objects, deadlineAt: undefined, shard, firing }
  return { work, puts: noPuts }
}
