/** Added to the kind of a value when its bytes are in a file of their own. */
export const spilledKind = 0x100
