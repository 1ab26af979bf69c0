import { byBatchSize, defineApp, defineRuntime, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../case.js'
import { timePer } from '../stopwatch.js'

const putsPerBatch = 5_000
/** A partition fires at every fourth object, and stays open with none. */
const full = 4

/** An event that says which partition it belongs to. */
interface Sample {
  readonly of: string
}

/** Partitions that get something at a time; the others are open and wait. */
const active = 10

/**
 * The work: put an event into one of many open partitions, and run an async function with each 4 of one. The partitions start
 * out as full as they will be in the long run, 1 in 4 each with 0, 1, 2 and 3 objects, so that as many puts fire however many
 * partitions there are.
 *
 * In each batch of puts 10 partitions are active, others each time: what is measured is what the number of open ones costs. The
 * subjects "any partition" put into all of them at random: there nearly every put misses the caches of the processor, which
 * costs any data structure, and the bare map shows how much.
 *
 * A heap of gigabytes costs V8 some ms at each collection of the young generation, however little of it lives. All subjects get a larger young
 * generation, which is collected more seldom, as docs/performance.md advises.
 */
export const puts: readonly Case[] = [
  putCase('put-10', '10', 10),
  putCase('put-10k', '10,000', 10_000),
  putCase('put-1m', '1,000,000', 1_000_000),
]

function putCase(name: string, words: string, partitions: number): Case {
  return {
    name,
    figure: `a put with ${words} open partitions, 10 of them active; every fourth makes its partition fire`,
    unit: 'µs',
    rounds: 40,
    nodeOptions: ['--max-old-space-size=8192', '--max-semi-space-size=64'],
    subjects: [
      { name: ours, open: (effort) => openStigmergy(effort, partitions, active) },
      { name: 'Map of arrays', open: (effort) => openMap(effort, partitions, active) },
      { name: `${ours}, any partition`, open: (effort) => openStigmergy(effort, partitions, partitions) },
      { name: 'Map of arrays, any partition', open: (effort) => openMap(effort, partitions, partitions) },
    ],
  }
}

/** Samples as a parser leaves them: each with a text of its own, that nobody has hashed yet. All names are equally long. */
function samplesOf(partitions: readonly number[]): readonly Sample[] {
  return structuredClone(
    partitions.map((partition) => ({ of: `partition-${String(partition).padStart(7, '0')}` })),
  )
}

/** Fills the partitions, and makes a probe of puts to so many of them at a time. */
async function filled(
  effort: Effort,
  named: number,
  atATime: number,
  put: (sample: Sample) => Promise<unknown>,
): Promise<Probe> {
  const partitions = named <= 10 ? named : effort.size(named)
  for (let partition = 0; partition < partitions; partition += 1)
    for (const sample of samplesOf(Array<number>((partition % full) + 1).fill(partition))) await put(sample)
  const next = randomNumbers()
  const count = effort.size(putsPerBatch)
  return probe(async () => {
    const chosen = atATime >= partitions ? undefined : Array.from({ length: atATime }, () => next(partitions))
    const pick = (): number => chosen?.[next(atATime)] ?? next(partitions)
    const samples = samplesOf(Array.from({ length: count }, pick))
    return timePer(count, async () => {
      for (const sample of samples) await put(sample)
    })
  })
}

async function openStigmergy(effort: Effort, partitions: number, atATime: number): Promise<Probe> {
  const app = defineApp('bench', (app) => {
    const samples = app.bucket<Sample>('samples')
    const consume = app.fn<Sample>('consume', async () => undefined)
    const partitionBy = ({ value }: { readonly value: Sample }): string => value.of
    samples.when(byBatchSize({ count: full }), consume, { partitionBy, maxPartitions: 2_000_000 })
    return { samples }
  })
  const runtime = await start(defineRuntime(), app)
  const { batch } = await filled(effort, partitions, atATime, (sample) =>
    runtime.put(app.handles.samples, undefined, sample),
  )
  return probe(batch, () => runtime.close({ now: true }))
}

/** The least that the work needs: what the ratio leaves is what memory of this size costs anybody. */
async function openMap(effort: Effort, partitions: number, atATime: number): Promise<Probe> {
  const samples = new Map<string, Sample[]>()
  const consume = async (_batch: readonly Sample[]): Promise<void> => undefined
  return filled(effort, partitions, atATime, async (sample) => {
    const held = samples.get(sample.of)
    if (held === undefined) samples.set(sample.of, [sample])
    else if (held.push(sample) === full) await consume(held.splice(0))
  })
}

/** Whole numbers below a limit, the same ones in every process (Mulberry32). */
function randomNumbers(): (limit: number) => number {
  let state = 1
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
