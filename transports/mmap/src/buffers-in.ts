/** The buffers behind all binary values in `value`, which may be a tree of plain values, maps and sets. */
export function buffersIn(value: unknown): ReadonlySet<ArrayBufferLike> {
  const found = new Set<ArrayBufferLike>()
  const seen = new Set<object>()
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    if (ArrayBuffer.isView(next)) found.add(next.buffer)
    else if (next instanceof ArrayBuffer) found.add(next)
    else {
      seen.add(next)
      pushChildren(open, next)
    }
  }
  return found
}

function pushChildren(open: unknown[], value: object): void {
  if (value instanceof Map) for (const [key, child] of value) pushObjects(open, key, child)
  else if (value instanceof Set || Array.isArray(value)) for (const child of value) pushObjects(open, child)
  else for (const child of Object.values(value)) pushObjects(open, child)
}

function pushObjects(open: unknown[], ...values: readonly unknown[]): void {
  for (const value of values) if (typeof value === 'object' && value !== null) open.push(value)
}
