import type { Case } from '../case.js'
import { chain } from './cases/chain.js'
import { fans } from './cases/fan.js'
import { handOvers } from './cases/hand-over.js'
import { hopWorker } from './cases/hop-worker.js'
import { hops } from './cases/hop.js'
import { idle } from './cases/idle.js'
import { mapReduceSort, mapReduceWords } from './cases/mapreduce.js'
import { race } from './cases/race.js'
import { scaling } from './cases/scaling.js'
import { sort } from './cases/sort.js'
import { tasks } from './cases/tasks.js'

/** Every case of tier 2, in groups; the subjects of one group take turns, because their figures are compared. */
export const groups: readonly (readonly Case[])[] = [
  [hopWorker],
  ...hops,
  handOvers,
  [chain],
  ...fans,
  [tasks],
  [race],
  [scaling],
  [idle],
  [sort],
  [mapReduceWords],
  [mapReduceSort],
]
