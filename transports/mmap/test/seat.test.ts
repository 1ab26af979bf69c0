import test from 'ava'
import type { Mapping } from '../src/mapping.js'
import type { Roster } from '../src/roster.js'
import { Seat } from '../src/seat.js'

/** A member that runs on processor 0 of two, and others that were seen on processors. */
function seated(member: number, others: readonly { readonly member: number; readonly processor: number }[]) {
  const masks: number[] = []
  const processors = {
    current: () => 0,
    allowed: (mask: Uint8Array) => {
      mask[0] = 0b11
      return mask.length
    },
    allow: (mask: Uint8Array) => {
      masks.push(mask[0] ?? 0)
      return 0
    },
  }
  const roster = { setProcessor: () => undefined, processorsTaken: () => others }
  new Seat({ processors } as unknown as Mapping, roster as unknown as Roster, member).look()
  return masks
}

test('a member that shares its processor with one of a lower number goes to a free one, and may go anywhere afterwards', (t) => {
  t.deepEqual(seated(1, [{ member: 0, processor: 0 }]), [0b10, 0b11])
})

test('a member stays where it is when it is alone there, has the lower number, or nothing is free', (t) => {
  t.deepEqual(seated(1, [{ member: 0, processor: 1 }]), [])
  t.deepEqual(seated(0, [{ member: 1, processor: 0 }]), [])
  const both = [
    { member: 0, processor: 0 },
    { member: 1, processor: 1 },
  ]
  t.deepEqual(seated(2, both), [])
})
