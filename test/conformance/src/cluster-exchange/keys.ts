import fc from 'fast-check'

/** Keys of the register, which are subjects of the journal as well. */
export function keys(): fc.Arbitrary<string> {
  const sign = fc.constantFrom(...'abzABZ019-_=')
  const part = fc.string({ unit: sign, minLength: 1, maxLength: 12 })
  return fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('.'))
}

export const invalidKeys = ['', '.', 'a.', '.a', 'a..b', 'a b', 'a*', '>', 'a/b', 'ä', 'a.b.c.d.e.f.g.h.i']
