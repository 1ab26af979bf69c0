import test from 'ava'
import { composites } from '@stigmergy/composites'
import { type AnyPrimitive, type PrimitiveClass, primitiveMeta } from '@stigmergy/core'
import { algebraLaws } from '../../../plugins/composites/test/laws/index.js'
import { oneMutants } from '../src/composites/one.js'
import { severalMutants } from '../src/composites/several.js'

const mutants = [...severalMutants, ...oneMutants]

/** The same stories each time: here the laws are under test, not the composites. */
const search = { runs: 3_000, seed: 1 }

for (const { composite, does, breaks } of mutants)
  test(`${nameOf(composite)} that ${does} breaks the law ${breaks}`, (t) => {
    const law = algebraLaws.find(({ name }) => name.startsWith(breaks))
    const others = composites.filter((each) => nameOf(each) !== nameOf(composite))
    t.throws(() => law?.check([composite, ...others], search), { message: /^Property failed/ })
  })

test('every law of composites has its mutant', (t) => {
  const unbroken = algebraLaws.filter(({ name }) => !mutants.some(({ breaks }) => name.startsWith(breaks)))
  t.deepEqual(
    unbroken.map(({ name }) => name),
    [],
  )
})

function nameOf(type: AnyPrimitive): string {
  return primitiveMeta(type as unknown as PrimitiveClass).name
}
