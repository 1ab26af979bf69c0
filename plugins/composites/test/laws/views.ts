import type { Outcome, Shot } from './story.js'

/** All of an outcome that two triggers can agree on. */
export function whole({ shots, reports, disposed, heldAfter }: Outcome): unknown {
  return { shots, reports, disposed, heldAfter: heldAfter.map((held) => [...held].sort()) }
}

/** A firing as a set of objects. */
export function withoutObjectOrder(shot: Shot): Shot {
  return { ...shot, objects: [...shot.objects].sort() }
}

/** Firings of which it does not matter which one of an event comes first. */
export function unordered(shots: readonly Shot[]): readonly string[] {
  return shots.map((shot) => JSON.stringify(shot)).sort()
}
