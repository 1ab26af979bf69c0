import { type AnyPrimitive, primitive, type PrimitiveClass, primitiveMeta } from '@stigmergy/core'

/** A broken composite, and the law that must notice. */
export interface CompositeMutant {
  /** Completes the sentence "a composite that …". */
  readonly does: string
  /** The beginning of the law's name. */
  readonly breaks: string
  readonly composite: AnyPrimitive
}

/** Lets a class claim to be one of the composites. */
export function broken(
  claims: AnyPrimitive,
  does: string,
  breaks: string,
  composite: AnyPrimitive,
): CompositeMutant {
  const type = composite as unknown as PrimitiveClass
  primitive(primitiveMeta(claims as unknown as PrimitiveClass))(type)
  return { does, breaks, composite }
}
