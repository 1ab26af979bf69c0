import type { ObjectRef } from '../contract/index.js'
import type { ObjectOrder } from './trigger-definition.js'

type Compare = (a: ObjectRef, b: ObjectRef) => number

const bySeq: Compare = (a, b) => a.seq - b.seq

const compares: Readonly<Record<Exclude<ObjectOrder, 'declared'>, Compare>> = {
  arrival: bySeq,
  key: (a, b) => compareBytes(a.key, b.key) || bySeq(a, b),
  eventTime: (a, b) => (a.et ?? a.at) - (b.et ?? b.at) || bySeq(a, b),
}

/** The objects in the asked order; `declared` is the primitive's own. */
export function inOrder(objects: readonly ObjectRef[], order: ObjectOrder): readonly ObjectRef[] {
  return order === 'declared' || objects.length < 2 ? objects : [...objects].sort(compares[order])
}

/** Compares as UTF-8 bytes compare, which differs from comparing UTF-16 units where surrogates are involved. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
