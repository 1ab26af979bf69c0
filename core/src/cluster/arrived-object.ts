import { StoredObject, withOptions } from '../bucket/stored-object.js'
import type { ObjectRef, ObjectStore, StoreHandle } from '../contract/index.js'

/** An object of another member, whose value has come into the store of this one. It takes the handle over. */
export function arrivedObject(
  ref: ObjectRef,
  app: string,
  store: ObjectStore,
  handle: StoreHandle,
): StoredObject {
  const { bucket, session, key, seq, at, bytes, hops, producer, occurrence, group, groups, ...rest } = ref
  const origin = { session: { id: session }, key, hops, producer }
  const object = new StoredObject({ app, bucket, store }, origin, { seq, at, bytes }, handle)
  const { et, role, meta } = rest
  const options = {
    ...(et === undefined ? {} : { et }),
    ...(role === undefined ? {} : { role }),
    ...(meta === undefined ? {} : { meta }),
    ...(group === undefined && groups === undefined ? {} : { group: group ?? groups! }),
  }
  return withOptions(object, options, occurrence)
}
