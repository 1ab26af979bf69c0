/** A frame that says its number in each of its bytes' places, as far as it goes: 4 bytes to 400 KB, by its number. */
export function numbered(number: number): Uint8Array {
  const words = new Uint32Array(number % 7 === 3 ? 100_000 : 1 + (number % 50))
  return new Uint8Array(words.fill(number).buffer)
}

/** Whether a frame is the one of this number, whole. */
export function isNumbered(frame: Uint8Array, number: number): boolean {
  return Buffer.compare(frame, numbered(number)) === 0
}
