/** Throws a `TypeError` for a key of the register, or a subject of the journal, that cannot be. */
export function checkKey(key: string): void {
  if (key.length > 512 || !/^[\w=-]+(\.[\w=-]+){0,7}$/.test(key))
    throw new TypeError(
      `${JSON.stringify(key)} is not 1 to 8 parts of letters, digits, -, _ and = with dots between.`,
    )
}

/** Whether a key is this one, or has its parts before others. */
export function isUnder(prefix: string, key: string): boolean {
  return key === prefix || key.startsWith(`${prefix}.`)
}

/** Throws a `TypeError` for more bytes than there may be. */
export function checkSize(what: string, { length }: Uint8Array, most: number): void {
  if (length > most) throw new TypeError(`${what} of ${length} bytes is over the limit of ${most}.`)
}
