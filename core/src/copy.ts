import { StigmergyError } from './errors.js'

/** Which copy of this package has made something. */
export interface CopyMark {
  /** Copies of one contract work together. Raised by every change that an older copy could not live with. */
  readonly contract: number
  /** URL of a module of the copy. */
  readonly module: string
}

/** This copy. */
export const thisCopy: CopyMark = Object.freeze({ contract: 1, module: import.meta.url })

const key = Symbol.for('stigmergy.copy')

/** Marks a thing as made by this copy, unless another was first; gives it back. */
export function markCopy<T extends object>(made: T): T {
  if (Object.isExtensible(made) && !Object.hasOwn(made, key))
    Object.defineProperty(made, key, { value: thisCopy })
  return made
}

/** Throws `STG_CORE_COPIES` when a copy of another contract has made the thing. What has no mark was made by hand, and passes. */
export function checkCopy(what: string, made: object): void {
  const copy = Reflect.get(made, key) as CopyMark | undefined
  if (copy === undefined || copy.contract === thisCopy.contract) return
  const { contract, module } = copy
  throw new StigmergyError(
    'STG_CORE_COPIES',
    `${what} was made with another copy of @stigmergy/core, which this one does not understand: ` +
      `${module} has contract ${contract}, ${thisCopy.module} has contract ${thisCopy.contract}. ` +
      'Install one version of @stigmergy/core for both: npm ls @stigmergy/core shows who asks for which.',
    { details: { theirs: module, ours: thisCopy.module, contract } },
  )
}
