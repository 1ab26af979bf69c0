import type { Control, Taken } from './control.js'
import { spilledKind } from './kinds.js'
import { openSegments } from './open-segments.js'
import type { Segment } from './segment.js'
import { removeSpilled } from './spill.js'

/** Counts again what others hold of the windows that a member has closed, and removes spilled values that nobody holds. */
export function settle(control: Control, member: number): void {
  let remains = remainsOf(control, member)
  // Somebody else may have counted earlier, and may write later. So each one looks again at what it wrote.
  for (let again: Remains | undefined; again === undefined || !isSame(again, remains);) {
    remains = again ?? remains
    control.setRemains(member, remains)
    again = remainsOf(control, member)
  }
  removeSpilled(control, member, remains.files)
}

interface Remains extends Taken {
  /** Files with spilled values that are held, as `<epoch>-<number>`. */
  readonly files: ReadonlySet<string>
}

function isSame(one: Remains, other: Remains): boolean {
  return one.bytes === other.bytes && one.objects === other.objects
}

function remainsOf(control: Control, member: number): Remains {
  const remains = { objects: 0, bytes: 0, files: new Set<string>() }
  const present = control.present(member)
  for (const segment of openSegments(control, (name) => name.member === member && name.epoch !== present))
    addHeld(remains, segment)
  return remains
}

function addHeld(remains: { objects: number; bytes: number; files: Set<string> }, segment: Segment): void {
  for (let slot = 0; slot < segment.slotsUsed; slot += 1) {
    if (!segment.isHeld(slot)) continue
    const { kind, offset, accounted } = segment.content(slot)
    remains.objects += 1
    if (kind >= spilledKind) remains.files.add(`${segment.name.epoch}-${offset}`)
    else remains.bytes += accounted
  }
}
