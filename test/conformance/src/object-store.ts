import { closingLaws } from './object-store/closing-laws.js'
import type { ObjectStoreSubject } from './object-store/depot.js'
import { descriptorLaws } from './object-store/descriptor-laws.js'
import { roomLaws } from './object-store/room-laws.js'
import { valueLaws } from './object-store/value-laws.js'
import { checkLaws, testLaws, type Law, type LawResult, type Runner } from './runner.js'

export type { ObjectStoreSubject, StoreLimits, StoreWorld } from './object-store/depot.js'

/** The laws that every object store must keep. */
export const objectStoreLaws: readonly Law<ObjectStoreSubject>[] = [
  ...valueLaws,
  ...roomLaws,
  ...descriptorLaws,
  ...closingLaws,
]

/** Registers one test per law: `testObjectStore(test, { name, create })`. */
export function testObjectStore(runner: Runner, subject: ObjectStoreSubject): void {
  testLaws(runner, objectStoreLaws, subject)
}

/** Checks every law, or those that `only` names by id, and says which ones the store keeps. */
export async function checkObjectStore(
  subject: ObjectStoreSubject,
  only?: readonly string[],
): Promise<readonly LawResult[]> {
  return checkLaws(objectStoreLaws, subject, only)
}
