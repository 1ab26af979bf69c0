/** How the bytes of a block are to be read. Numbers are in files, so none is ever given another meaning. */
export const kinds = {
  cbor: 0,
  arrayBuffer: 1,
  uint8Array: 2,
  buffer: 3,
  int8Array: 4,
  uint8ClampedArray: 5,
  uint16Array: 6,
  int16Array: 7,
  uint32Array: 8,
  int32Array: 9,
  float32Array: 10,
  float64Array: 11,
  bigUint64Array: 12,
  bigInt64Array: 13,
  dataView: 14,
} as const

/** Added to a kind when the bytes are in a file of their own. */
export const spilledKind = 0x100

type Kind = (typeof kinds)[keyof typeof kinds]

/** Bytes that are stored as they are. */
export interface Raw {
  readonly kind: Exclude<Kind, 0>
  readonly bytes: Uint8Array
}

/** The bytes of a binary value; undefined for all others, also for binary values of classes that this file does not know. */
export function rawOf(value: unknown): Raw | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (ArrayBuffer.isView(value)) {
    const kind = viewKinds.get(Object.getPrototypeOf(value))
    return kind === undefined
      ? undefined
      : { kind, bytes: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) }
  }
  return Object.getPrototypeOf(value) === ArrayBuffer.prototype
    ? { kind: kinds.arrayBuffer, bytes: new Uint8Array(value as ArrayBuffer) }
    : undefined
}

/** The binary value of this kind with exactly the bytes of `buffer`. Undefined for a number that is no such kind, or does not fit. */
export function viewOf(kind: number, buffer: ArrayBuffer): unknown {
  if (kind === kinds.arrayBuffer) return buffer
  if (kind === kinds.buffer) return Buffer.from(buffer)
  const type = viewTypes.get(kind)
  if (type === undefined || buffer.byteLength % (type.BYTES_PER_ELEMENT ?? 1) !== 0) return undefined
  return new type(buffer)
}

/** Whether bytes of this kind are stored as they are. */
export function isRaw(kind: number): boolean {
  return kind === kinds.arrayBuffer || kind === kinds.buffer || viewTypes.has(kind)
}

interface ViewType {
  new (buffer: ArrayBuffer): ArrayBufferView
  readonly prototype: object
  readonly BYTES_PER_ELEMENT?: number
}

const viewTypes: ReadonlyMap<number, ViewType> = new Map<number, ViewType>([
  [kinds.uint8Array, Uint8Array],
  [kinds.int8Array, Int8Array],
  [kinds.uint8ClampedArray, Uint8ClampedArray],
  [kinds.uint16Array, Uint16Array],
  [kinds.int16Array, Int16Array],
  [kinds.uint32Array, Uint32Array],
  [kinds.int32Array, Int32Array],
  [kinds.float32Array, Float32Array],
  [kinds.float64Array, Float64Array],
  [kinds.bigUint64Array, BigUint64Array],
  [kinds.bigInt64Array, BigInt64Array],
  [kinds.dataView, DataView],
])

const viewKinds: ReadonlyMap<unknown, Raw['kind']> = new Map<unknown, Raw['kind']>([
  [Buffer.prototype, kinds.buffer],
  ...[...viewTypes].map(([kind, type]) => [type.prototype, kind as Raw['kind']] as const),
])
