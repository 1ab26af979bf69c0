import type { Control } from './control.js'
import { openSegments } from './open-segments.js'
import { settle } from './settle.js'

/**
 * Ends what a member that is gone has held and put: its holds everywhere are over, its segments are removed unless others hold
 * values there, which stay readable until they release them. For the founder, who knows that the member does not run any more.
 */
export function sweepMember(control: Control, member: number): void {
  control.leave(member)
  const left = new Set([member])
  for (const segment of openSegments(control, () => true)) {
    for (let slot = 0; slot < segment.slotsUsed; slot += 1)
      if (segment.isHeldBy(slot, member)) segment.unhold(slot, member)
    if (segment.name.member === member) segment.leave()
    if (!segment.isLeft) continue
    left.add(segment.name.member)
    if (segment.freeAll()) segment.discard()
  }
  for (const each of left) settle(control, each)
}
