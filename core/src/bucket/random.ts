/** The first state of a generator, from any text: 32-bit FNV-1a (Fowler, Noll and Vo). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The next state of a Weyl sequence. */
export function nextState(state: number): number {
  return (state + 0x6d2b79f5) >>> 0
}

/** What a state stands for, 0 <= r < 1: the output function of mulberry32 (Tommy Ettinger, public domain). */
export function randomOf(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
}
