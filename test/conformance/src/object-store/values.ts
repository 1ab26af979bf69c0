import fc from 'fast-check'

/** Binary values of every type, some of them views into a larger buffer. */
export function binaryValues(): fc.Arbitrary<ArrayBufferView> {
  const bytes = fc.uint8Array({ maxLength: 512, size: 'max' })
  return fc
    .tuple(fc.constantFrom(...binaryTypes), bytes, fc.nat({ max: 4 }))
    .map(([type, content, before]) => {
      const unit = type.BYTES_PER_ELEMENT
      const length = Math.floor(content.length / unit)
      const buffer = new ArrayBuffer((before + length) * unit)
      const view = new type(buffer, before * unit, length)
      new Uint8Array(buffer, before * unit).set(content.subarray(0, length * unit))
      return view
    })
}

/** Trees of all that a store must keep: what CBOR can carry. Strings are well-formed, and zero has no sign. */
export function structuredValues(): fc.Arbitrary<unknown> {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf(), ...branches(tie('tree'))),
  }))
  return tree
}

const binaryTypes = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
] as const

function leaf(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom(null, undefined, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double().map((number) => (number === 0 ? 0 : number)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    text(),
    fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
    binaryValues(),
  )
}

function branches(tree: fc.Arbitrary<unknown>): fc.Arbitrary<unknown>[] {
  return [
    fc.array(tree, { maxLength: 5 }),
    fc.dictionary(
      text().filter((key) => key !== '__proto__'),
      tree,
      { maxKeys: 5, noNullPrototype: true },
    ),
    fc
      .array(fc.tuple(fc.oneof(text(), fc.integer()), tree), { maxLength: 5 })
      .map((entries) => new Map(entries)),
    fc.array(fc.oneof(text(), fc.integer()), { maxLength: 5 }).map((items) => new Set(items)),
  ]
}

/** Any characters, NUL and emoji among them. */
function text(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('', '\0', '🐜', 'e\u0301', 'constructor'),
  )
}
