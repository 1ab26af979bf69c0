import { CborCodec } from '@stigmergy/core'
import type { Partition } from '@stigmergy/core/cell'
import { TriggerHarness } from '../../trigger-harness.js'
import type { TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import { partOf, type Trial } from '../trial.js'

/** What lives as long as a bucket does must not grow with it. */
export const footprintLaws: readonly TriggerLaw[] = [
  {
    id: 'C11',
    name: 'footprint',
    sentence: 'The state of a bucket does not grow with what has passed, only with what is held.',
    check: (trial) => {
      for (const options of trial.subject.options.valid)
        if (partOf(trial.subject, options).scope === 'bucket') stays(trial, options)
    },
  },
]

const codec = new CborCodec()
const rounds = 30
const putsPerRound = 60
const yearMs = 366 * 86_400_000

/** Bytes that counters may need for larger numbers, that a key may take in a state, and that a reference may. */
const slackBytes = 512
const bytesPerRemembered = 64
const bytesPerHeld = 1_000

function stays({ subject }: Trial, options: unknown): void {
  const { remembers = 0, primitives = [] } = subject
  const harness = new TriggerHarness(subject.primitive, options, {
    primitives,
    common: { ...subject.common, onOverflow: 'dropNewest', maxPending: 1_000 },
  })
  let most = 0
  for (let round = 0; round < rounds; round += 1) {
    for (let index = 0; index < putsPerRound; index += 1) harness.put(`${round}/${index}`)
    harness.play({ jump: yearMs }, { flush: true })
    const bytes = Math.max(...[...harness.cell.partitions].map(ownBytes))
    if (round < rounds / 3) most = Math.max(most, bytes)
    else if (bytes > most + slackBytes + remembers * bytesPerRemembered)
      throw new Error(grows(shown(options), (round + 1) * putsPerRound, most, bytes))
  }
}

function grows(options: string, puts: number, before: number, after: number): string {
  return `With ${options} the state takes ${after} bytes after ${puts} objects, and took at most ${before} in the first third.`
}

/** The size of the state less what it holds. */
function ownBytes({ state, pending }: Partition): number {
  return Math.max(0, codec.encode(state).length - pending.size * bytesPerHeld)
}
