import { NatsServer } from '@stigmergy-test/nats-server'
import type { Slice } from '@stigmergy/mapreduce'
import test, { type ExecutionContext } from 'ava'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterClient, connect } from 'stigmergy'
import { AdGenerator } from '../../../examples/ad-events/src/ads.js'
import { wordCount } from '../../../examples/word-count/src/job.js'
import { countsOfWords, referenceWords } from '../../../examples/word-count/test/reference.js'
import { Crowd } from '../src/crowd.js'
import { clusterAt } from '../src/settings.js'
import { campaignOf } from '../src/made-apps.js'
import { loadTour, type Tour, viewsOf } from '../src/tour.js'

const rounds = 3
const events = 120
const letters = 12
const readings = 8

interface Visit {
  readonly t: ExecutionContext
  readonly client: ClusterClient
  readonly tour: Tour
  readonly folder: string
  /** The lines that functions have printed, each once: one that ran twice has said the same. */
  readonly printed: () => Promise<readonly string[]>
}

/** Waits until what has been printed is enough. */
async function whenPrinted<T>(
  { printed }: Visit,
  read: (lines: readonly string[]) => T,
  isEnough: (read: T) => boolean,
): Promise<T> {
  for (;;) {
    const found = read(await printed())
    if (isEnough(found)) return found
    await sleep(50)
  }
}

/** Every text has the counts of its words, as counted character by character. */
async function countWords({ t, client, folder }: Visit): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const text = Array.from({ length: 20_000 }, (_, at) => `word${(at * at * (round + 1)) % 997}`).join(' ')
    const path = join(folder, `text-${round}`)
    await writeFile(path, text)
    const counts = new Map<string, number>()
    const output = (word: Slice, count: number): void => void counts.set(word.toString(), count)
    await wordCount.run(client, { input: path, output, temporary: folder, chunkBytes: 16_384 })
    const expected = countsOfWords(referenceWords(Buffer.from(text)))
    t.deepEqual(Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1))), expected)
  }
}

/** Every view is in one window, and one only. */
async function countViews(visit: Visit): Promise<void> {
  const { t, client, tour } = visit
  const generator = new AdGenerator(campaignOf, 1)
  for (let sent = 0; sent < events; sent += 1)
    await client.put(tour.ads.handles.events, undefined, generator.next())
  const expected = Object.fromEntries([...generator.views].sort())
  const total = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0)
  const counted = (lines: readonly string[]): Readonly<Record<string, number>> => {
    const views = new Map<string, number>()
    for (const [campaign, count] of lines.flatMap(viewsOf))
      views.set(campaign, (views.get(campaign) ?? 0) + count)
    return Object.fromEntries([...views].sort())
  }
  t.deepEqual(await whenPrinted(visit, counted, (counts) => total(counts) >= total(expected)), expected)
}

/** The patterns that reply do so as they do in one process. */
async function followPatterns({ t, client, tour }: Visit): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const replies = [
      client.invoke(tour.sequential.handles.clean, '  the   wisdom of\n ants '),
      client.invoke(tour.conditional.handles.check, 80),
      client.invoke(tour.conditional.handles.check, 12_500),
      client.invoke(tour.assembling.handles.order, 'honey'),
      client.invoke(tour.dynamicParallel.handles.scan, ['cover', 'chapter one', 'index']),
      client.invoke(tour.kOutOfN.handles.fetch, undefined),
    ]
    t.deepEqual(await Promise.all(replies.map(({ result }) => result)), [
      '«The Wisdom Of Ants»',
      '80 is approved',
      '12500 needs a signature',
      'price: 15 €, stock: 5 left',
      'COVER | CHAPTER ONE | INDEX',
      'copies from near and midway',
    ])
  }
}

const fishes = /^\d (?:blue|fish|one|red|two)$/

async function shuffleWords(visit: Visit): Promise<void> {
  const { t, client, tour } = visit
  const session = client.invoke(tour.mapReduce.handles.split, 'one fish two fish\nred fish blue fish')
  t.is((await session.ended).outcome, 'succeeded')
  const lines = (await visit.printed()).filter((line) => fishes.test(line)).sort()
  t.deepEqual(lines, ['1 blue', '1 one', '1 red', '1 two', '4 fish'])
}

/** Every letter is in one round of three, and one only. */
async function deliverLetters(visit: Visit): Promise<void> {
  const { t, client, tour } = visit
  const addresses = Array.from({ length: letters }, (_, at) => `Oak ${at + 10}`)
  for (const address of addresses) await client.put(tour.batchedByCount.handles.letters, undefined, address)
  const roundsOf = (lines: readonly string[]): readonly string[][] =>
    lines.flatMap((line) => (line.startsWith('a full round: ') ? [line.slice(14).split(', ')] : []))
  const delivered = await whenPrinted(visit, roundsOf, (each) => each.length >= letters / 3)
  t.deepEqual(delivered.flat().sort(), addresses)
  t.true(delivered.every((each) => each.length === 3))
}

/** Every reading is in one period, and one only: each has a bit of its own in the sums. */
async function averageReadings(visit: Visit): Promise<void> {
  const { t, client, tour } = visit
  for (let at = 0; at < readings; at += 1)
    await client.put(tour.batchedByTime.handles.readings, undefined, 2 ** at)
  const sumOf = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => {
      const [, count, average] = /^(\d+) readings, ([\d.]+) on average$/.exec(line) ?? []
      return count === undefined ? sum : sum + Number(count) * Number(average)
    }, 0)
  const all = 2 ** readings - 1
  t.is(Math.round(await whenPrinted(visit, sumOf, (sum) => Math.round(sum) >= all)), all)
}

test.serial(
  'the examples have exact results while processes are killed and the server is restarted',
  async (t) => {
    t.timeout(110_000)
    const folder = await mkdtemp(join(tmpdir(), 'stigmergy-tour-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const notes = join(folder, 'notes')
    await writeFile(notes, '')
    const tour = await loadTour(() => undefined)
    await using server = await NatsServer.start()
    await using crowd = new Crowd(server.url, notes, 'tour-member.ts')
    await Promise.all(
      (['node', 'node', 'node', 'coordinator', 'coordinator'] as const).map((role) => crowd.start(role)),
    )
    await using client = await connect(clusterAt(server.url))
    const printed = async (): Promise<readonly string[]> => [
      ...new Set((await readFile(notes, 'utf8')).split('\n').filter((line) => line !== '')),
    ]
    const visit: Visit = { t, client, tour, folder, printed }
    const done = Promise.all(
      [countWords, countViews, followPatterns, shuffleWords, deliverLetters, averageReadings].map((each) =>
        each(visit),
      ),
    )
    await crowd.replace('node')
    await crowd.replace('coordinator')
    await server.stop()
    await server.resume()
    await crowd.replace('node')
    await done
  },
)
