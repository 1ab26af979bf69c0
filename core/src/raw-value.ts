/** How the bytes of a value are to be read. The numbers are in files and on the wire, so none is ever given another meaning. */
export const valueKinds = {
  /** Bytes that the codec has written: all values that are not binary. */
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

type Kind = (typeof valueKinds)[keyof typeof valueKinds]

/** Bytes that are stored, and travel, as they are. */
export interface RawValue {
  readonly kind: Exclude<Kind, 0>
  readonly bytes: Uint8Array
}

/** The bytes of a binary value; undefined for all others, also for binary values of classes that this file does not know. */
export function rawOf(value: unknown): RawValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (ArrayBuffer.isView(value)) {
    const kind = viewKinds.get(Object.getPrototypeOf(value))
    return kind === undefined
      ? undefined
      : { kind, bytes: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) }
  }
  return Object.getPrototypeOf(value) === ArrayBuffer.prototype
    ? { kind: valueKinds.arrayBuffer, bytes: new Uint8Array(value as ArrayBuffer) }
    : undefined
}

/** The binary value of this kind with exactly the bytes of `buffer`. Undefined for a number that is no such kind, or does not fit. */
export function viewOf(kind: number, buffer: ArrayBuffer): unknown {
  if (kind === valueKinds.arrayBuffer) return buffer
  if (kind === valueKinds.buffer) return Buffer.from(buffer)
  const type = viewTypes.get(kind)
  if (type === undefined || buffer.byteLength % (type.BYTES_PER_ELEMENT ?? 1) !== 0) return undefined
  return new type(buffer)
}

/** Whether bytes of this kind are a binary value as they are. */
export function isRaw(kind: number): boolean {
  return kind === valueKinds.arrayBuffer || kind === valueKinds.buffer || viewTypes.has(kind)
}

interface ViewType {
  new (buffer: ArrayBuffer): ArrayBufferView
  readonly prototype: object
  readonly BYTES_PER_ELEMENT?: number
}

const viewTypes: ReadonlyMap<number, ViewType> = new Map<number, ViewType>([
  [valueKinds.uint8Array, Uint8Array],
  [valueKinds.int8Array, Int8Array],
  [valueKinds.uint8ClampedArray, Uint8ClampedArray],
  [valueKinds.uint16Array, Uint16Array],
  [valueKinds.int16Array, Int16Array],
  [valueKinds.uint32Array, Uint32Array],
  [valueKinds.int32Array, Int32Array],
  [valueKinds.float32Array, Float32Array],
  [valueKinds.float64Array, Float64Array],
  [valueKinds.bigUint64Array, BigUint64Array],
  [valueKinds.bigInt64Array, BigInt64Array],
  [valueKinds.dataView, DataView],
])

const viewKinds: ReadonlyMap<unknown, RawValue['kind']> = new Map<unknown, RawValue['kind']>([
  [Buffer.prototype, valueKinds.buffer],
  ...[...viewTypes].map(([kind, type]) => [type.prototype, kind as RawValue['kind']] as const),
])
