// The options of the eight primitives.
import {
  byBatchSize,
  byName,
  bySet,
  byTime,
  defineApp,
  dynamicGroup,
  dynamicJoin,
  immediate,
  redundant,
  type ByBatchSizeInput,
  type TriggerSpec,
} from 'stigmergy'
import { exactly } from './exactly.js'

defineApp('primitives', (app) => {
  const fn = app.fn<string>('fn', () => undefined)

  immediate()
  immediate({ ordered: true, maxHops: 5 })
  // @ts-expect-error ordered is true or false
  immediate({ ordered: 'yes' })
  // @ts-expect-error no such option
  immediate({ hops: 5 })

  byName({ match: 'a' })
  byName({ match: ['a', 'b'], otherwise: fn })
  byName({ match: { glob: '*.txt' }, otherwise: 'fn' })
  // @ts-expect-error a regular expression is not plain data
  byName({ match: /a/ })
  // @ts-expect-error no such form of match
  byName({ match: { suffix: '.txt' } })
  // @ts-expect-error without match nothing matches
  byName({})

  bySet({ keys: ['a', 'b'] })
  bySet({
    keys: ['a'],
    optional: ['b'],
    pick: 'latest',
    repeat: 'rounds',
    onImpossible: 'fallback',
    fallback: fn,
  })
  // @ts-expect-error keys is a list
  bySet({ keys: 'a' })
  // @ts-expect-error no such pick
  bySet({ keys: ['a'], pick: 'last' })
  // @ts-expect-error a set needs keys
  bySet({})

  dynamicJoin({ parallel: fn })
  dynamicJoin({ parallel: fn, onItemError: 'skip', tolerate: { percent: 10 }, maxParallel: 4 })
  // @ts-expect-error a join needs the function of its items
  dynamicJoin({})
  // @ts-expect-error tolerate is a count or a percentage
  dynamicJoin({ parallel: fn, tolerate: 3 })
  // @ts-expect-error no such policy
  dynamicJoin({ parallel: fn, onItemError: 'ignore' })

  exactly<TriggerSpec<ByBatchSizeInput>>()(byBatchSize({ count: 10 }))
  // @ts-expect-error a batch needs a size
  byBatchSize({})
  // @ts-expect-error a size is a number
  byBatchSize({ count: '10' })

  byTime({ every: 1_000 })
  byTime({ every: 1_000, align: 'first', fireEmpty: true, catchUp: 'merge' })
  // @ts-expect-error a period is in ms
  byTime({ every: '1s' })
  // @ts-expect-error no such alignment
  byTime({ every: 1_000, align: 'minute' })

  redundant({ k: 2, n: 3 })
  redundant({ k: 1, n: 3, hedge: { source: fn, start: 1, everyMs: 50 }, onSurplus: 'keep' })
  // @ts-expect-error of how many?
  redundant({ k: 2 })
  // @ts-expect-error a hedge needs its source
  redundant({ k: 1, n: 2, hedge: { start: 1, everyMs: 50 } })
  // @ts-expect-error no such distinction
  redundant({ k: 1, n: 2, distinctBy: 'worker' })

  dynamicGroup({ producers: ['a', 'b'] })
  dynamicGroup({ producers: { count: 3 }, mode: 'pipelined', groups: ['x'], onEmpty: fn })
  dynamicGroup({ producers: 'sealed' })
  // @ts-expect-error who puts?
  dynamicGroup({})
  // @ts-expect-error producers are named, counted or sealed
  dynamicGroup({ producers: 3 })
  // @ts-expect-error producers are named, counted or sealed
  dynamicGroup({ producers: 'open' })
})
