/** Computes for a while, without touching memory; returns a number that depends on all of it. */
export function burn(loops: number): number {
  let value = 1
  for (let loop = 0; loop < loops; loop += 1) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0
  return value
}
