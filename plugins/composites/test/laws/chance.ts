import type { TriggerSpec } from '@stigmergy/core'
import type { Step } from '@stigmergy/conformance'
import { byBatchSize } from '@stigmergy/by-batch-size'
import { byName } from '@stigmergy/by-name'
import { bySet } from '@stigmergy/by-set'
import { byTime } from '@stigmergy/by-time'
import { countOrTime } from '@stigmergy/count-or-time'
import { immediate } from '@stigmergy/immediate'
import { redundant } from '@stigmergy/redundant'
import fc from 'fast-check'
import { all, any, first, not, orFinally, repeat, seq, within } from '../../src/index.js'
import { settled } from './settled.js'
import type { Story } from './story.js'

/** Fires for nothing that happens in a story. */
export const never = byName({ match: 'never' })

const x = byName({ match: 'x' })
const y = byName({ match: 'y' })

/** Triggers that hold every object until they fire it, and that nothing can make impossible. */
const holding: readonly TriggerSpec[] = [
  immediate(),
  byBatchSize({ count: 2 }),
  byBatchSize({ count: 3 }),
  byTime({ every: 20, align: 'first' }),
  countOrTime({ maxSize: 3, maxWaitMs: 10 }),
  countOrTime({ maxWaitMs: 10, maxBytes: 4 }),
  countOrTime({ maxSize: 4, maxWaitMs: 10, minSize: 2, maxTotalWaitMs: 25 }),
]

/** Triggers that choose what they take, or that fire once. */
const choosing: readonly TriggerSpec[] = [
  x,
  y,
  byName({ match: ['a', 'x'] }),
  bySet({ keys: ['a', 'b'] }),
  bySet({ keys: ['a', 'b'], repeat: 'rounds' }),
  bySet({ keys: ['b', 'x'], onImpossible: 'partial' }),
  redundant({ k: 2, n: 3 }),
  settled({ waitMs: 10 }),
]

const holder = fc.constantFrom(...holding)
const leaf = fc.constantFrom(...choosing, ...holding)

/** Triggers that are made of others and cannot fail in calm stories. */
const made = fc.oneof(
  fc.tuple(leaf, leaf).map(([a, b]) => all(a, b)),
  fc.tuple(leaf, leaf).map(([a, b]) => any(a, b)),
  fc.tuple(leaf, leaf).map(([a, b]) => first(a, b)),
  fc.tuple(leaf, leaf).map(([a, b]) => seq(a, b)),
  fc.tuple(leaf, leaf).map(([a, b]) => orFinally(a, b)),
  leaf.map((a) => repeat(a, 2)),
)
const limited = leaf.chain((a) => fc.constantFrom(within(a, 15), within(not(a), 15)))

/** Any trigger. */
export const anyTrigger = fc.oneof(
  { weight: 6, arbitrary: leaf },
  { weight: 2, arbitrary: made },
  { weight: 1, arbitrary: limited },
)

/** Those that cannot fail in calm stories: all but those with a limit. */
export const sure = fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: made })

/** Those that are made of nothing. */
export const simple = leaf

/** Those that take every object and hold it until they fire it. */
export const holds = holder

/** Those that hold nothing. */
export const passing = fc.constantFrom(x, y, immediate(), byName({ match: ['a', 'x'] }))

/** Time limits, ms. */
export const limits = fc.constantFrom(1, 5, 10, 15, 20, 40)

const key = fc.constantFrom('a', 'b', 'x', 'y', 'q')
const put = fc.tuple(key, fc.constantFrom(1, 1, 3, 5)).map(([put, bytes]): Step => ({ put, bytes }))
const time = fc.constantFrom<Step[]>(
  { advance: 1 },
  { advance: 5 },
  { advance: 10 },
  { jump: 10 },
  { jump: 25 },
)
const asking = fc.constantFrom<Step[]>({ flush: true }, { reset: true })
const outcome = fc.constantFrom<('succeeded' | 'failed')[]>('succeeded', 'failed')
const ending = fc.oneof(
  fc
    .tuple(fc.constantFrom('a', 'b', 'p'), outcome)
    .map(([name, outcome]): Step => ({ closed: 'producer', name, outcome })),
  fc
    .tuple(fc.constantFrom('i1', 'i2'), outcome)
    .map(([name, outcome]): Step => ({ closed: 'invocation', name, fn: 'f', outcome })),
)
const end = fc.constantFrom<Step[]>({ end: 'succeeded' }, { end: 'failed' }, { end: 'cancelled' })

const scope = fc.constantFrom<Story['scope'][]>('session', 'bucket')

/** A story ends when all that is overdue has happened. */
const overdue: Step = { advance: 0 }

/** Objects and time, nothing else. */
export const calm: fc.Arbitrary<Story> = fc
  .record({
    scope,
    steps: fc.array(fc.oneof({ weight: 4, arbitrary: put }, { weight: 2, arbitrary: time }), {
      maxLength: 24,
      size: 'max',
    }),
  })
  .map(({ scope, steps }) => ({ scope, steps: [...steps, overdue] }))

/** Everything that can happen to a trigger. */
export const eventful: fc.Arbitrary<Story> = fc
  .record({
    scope,
    steps: fc.array(
      fc.oneof(
        { weight: 12, arbitrary: put },
        { weight: 6, arbitrary: time },
        { weight: 1, arbitrary: asking },
        { weight: 1, arbitrary: ending },
      ),
      { maxLength: 24, size: 'max' },
    ),
    end: fc.option(end),
  })
  .map(({ scope, steps, end }) => ({ scope, steps: [...steps, overdue, ...(end === null ? [] : [end])] }))
