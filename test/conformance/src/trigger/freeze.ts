/** Freezes plain data in depth: writing to it throws wherever code is strict. */
export function freeze<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data))
    return data
  for (const part of Object.values(data)) freeze(part)
  return Object.freeze(data)
}
