import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Slice } from '@stigmergy/mapreduce'
import { AdGenerator } from '../../../examples/ad-events/src/ads.js'
import { invertedIndex } from '../../../examples/inverted-index/src/job.js'
import { sortJob } from '../../../examples/sort/src/job.js'
import { wordCount } from '../../../examples/word-count/src/job.js'
import { countsOfWords, referenceWords } from '../../../examples/word-count/test/reference.js'
import { campaignOf } from './made-apps.js'
import { viewsOf } from './tour.js'
import { type Example, type VisitAtHome, whenPrinted } from './visit.js'

function sumOf(numbers: Iterable<number>): number {
  return [...numbers].reduce((sum, each) => sum + each, 0)
}

function inOrder<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function inFile(folder: string, name: string, content: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const text = Array.from({ length: 20_000 }, (_, at) => `word${(at * at) % 997}`).join(' ')

export const countWords: Example = {
  name: 'word-count',
  run: async ({ caller, folder }) => {
    const input = inFile(folder, 'text', text)
    const counts = new Map<string, number>()
    const output = (word: Slice, count: number): void => void counts.set(word.toString(), count)
    await wordCount.run(caller, { input, output, temporary: folder, chunkBytes: 16_384 })
    return inOrder(counts)
  },
  expected: countsOfWords(referenceWords(Buffer.from(text))),
}

function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Of 100 bytes each, the first 10 of which are the key. */
const records = Array.from({ length: 5_000 }, (_, at) => `${digestOf(String(at)).padEnd(99)}\n`)
const keyOf = (record: string): string => record.slice(0, 10)
const sorted = records.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))

const sortRecords: Example = {
  name: 'sort',
  run: async ({ caller, folder }) => {
    const input = inFile(folder, 'records', records.join(''))
    const file = join(folder, 'sorted')
    await sortJob.run(caller, { input, output: { file }, temporary: folder, chunkBytes: 50_000 })
    return digestOf(readFileSync(file))
  },
  expected: digestOf(sorted.join('')),
}

const indexWords: Example = {
  name: 'inverted-index',
  run: async ({ caller, folder }) => {
    const river = inFile(folder, 'river', 'The river.\nThe RIVER again,\r\nand a bridge\n')
    const bridge = inFile(folder, 'bridge', 'again the bridge\n')
    const into = join(folder, 'index')
    await invertedIndex.run(caller, { input: [river, bridge], output: { folder: into }, temporary: folder })
    const parts = readdirSync(into).sort()
    const lines = parts.map((part) => readFileSync(join(into, part), 'utf8')).join('')
    return lines.replaceAll(`${folder}/`, '').split('\n')
  },
  expected: [
    'a\triver:1',
    'again\tbridge:1\triver:1',
    'and\triver:1',
    'bridge\tbridge:1\triver:1',
    'river\triver:2',
    'the\tbridge:1\triver:2',
    '',
  ],
}

const adsShown = new AdGenerator(campaignOf, 1)
const adEvents = Array.from({ length: 90 }, () => adsShown.next())

export const countViews: Example = {
  name: 'ad-events',
  run: async (visit) => {
    for (const event of adEvents) await visit.caller.put(visit.tour.ads.handles.events, undefined, event)
    const views = await whenPrinted(
      visit,
      (lines) => lines.flatMap(viewsOf),
      (each) => sumOf(each.map(([, count]) => count)) >= sumOf(adsShown.views.values()),
    )
    const campaigns = [...new Set(views.map(([campaign]) => campaign))]
    const countOf = (campaign: string): number =>
      sumOf(views.flatMap(([of, count]) => (of === campaign ? [count] : [])))
    return inOrder(campaigns.map((campaign) => [campaign, countOf(campaign)]))
  },
  expected: inOrder(adsShown.views),
}

const race: Example = {
  name: 'first-of-n',
  run: async ({ tour, caller }) => {
    const session = caller.invoke(tour.replicas.handles.ask, undefined)
    const first = await session.result
    return [first.toSorted(), (await session.ended).outcome]
  },
  expected: [[2, 4], 'succeeded'],
}

const patients = ['walk-in Ada', 'appointment Bo', 'emergency Di', 'walk-in Cy', 'emergency Fay']

const treatPatients: Example = {
  name: 'custom-seam',
  run: async ({ tour, caller }) => {
    const { treat } = tour.clinic.handles
    const sessions = patients.map((session) => caller.invoke(treat, undefined, { session }))
    return Promise.all(sessions.map(({ result }) => result))
  },
  expected: patients,
}

const typed = { Ada: ['a', 'an', 'ant', 'ants'], Bo: ['b', 'bee'] }
const found = Object.entries(typed).map(([user, texts]) => `${user} is looking for ${texts.at(-1)}`)

const searchOnce: Example = {
  name: 'custom-primitive',
  // How many keystrokes are one burst depends on how fast they come; the last one of everybody ends the last.
  run: async (visit) => {
    const { typed: bucket } = visit.tour.search.handles
    for (const [user, texts] of Object.entries(typed))
      for (const text of texts) await visit.caller.put(bucket, undefined, { user, text })
    return whenPrinted(
      visit,
      (lines) => lines.filter((line) => found.includes(line)).sort(),
      (lines) => lines.length >= found.length,
    )
  },
  expected: found,
}

const pieces = Array.from({ length: 10 }, (_, at) => at + 1)

const placeOrders: Example = {
  name: 'kubernetes',
  run: async (visit) => {
    const { place } = visit.tour.orders.handles
    const sessions = pieces.map((count) => visit.caller.invoke(place, count))
    const costs = await Promise.all(sessions.map(({ result }) => result))
    const parcels = await whenPrinted(
      visit,
      (lines) => lines,
      ({ length }) => length > 0,
    )
    return [costs, parcels]
  },
  expected: [pieces.map((count) => count * 20 + 5 + count), ['a parcel of 10 orders']],
}

export const repliesOfPatterns: Example = {
  name: 'patterns: those that reply',
  run: async ({ tour, caller }) => {
    const sessions = [
      caller.invoke(tour.sequential.handles.clean, '  the   wisdom of\n ants '),
      caller.invoke(tour.conditional.handles.check, 80),
      caller.invoke(tour.conditional.handles.check, 12_500),
      caller.invoke(tour.assembling.handles.order, 'honey'),
      caller.invoke(tour.dynamicParallel.handles.scan, ['cover', 'chapter one', 'index']),
      caller.invoke(tour.kOutOfN.handles.fetch, undefined),
    ]
    return Promise.all(sessions.map(({ result }) => result))
  },
  expected: [
    '«The Wisdom Of Ants»',
    '80 is approved',
    '12500 needs a signature',
    'price: 15 €, stock: 5 left',
    'COVER | CHAPTER ONE | INDEX',
    'copies from near and midway',
  ],
}

export const mapAndReduce: Example = {
  name: 'patterns: map-reduce',
  run: async ({ tour, caller, printed }) => {
    const session = caller.invoke(tour.mapReduce.handles.split, 'one fish two fish\nred fish blue fish')
    const { outcome } = await session.ended
    const isCount = (line: string): boolean => /^\d (?:blue|fish|one|red|two)$/.test(line)
    return [outcome, ...printed().filter(isCount).sort()]
  },
  expected: ['succeeded', '1 blue', '1 one', '1 red', '1 two', '4 fish'],
}

const letters = Array.from({ length: 12 }, (_, at) => `Oak ${at + 10}`)

/** What stands behind a beginning in the lines that have it. */
function behind(beginning: RegExp, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => (beginning.test(line) ? [line.replace(beginning, '')] : []))
}

export const deliverLetters: Example = {
  name: 'patterns: batched-by-count',
  run: async (visit) => {
    const { letters: bucket } = visit.tour.batchedByCount.handles
    for (const letter of letters) await visit.caller.put(bucket, undefined, letter)
    const rounds = await whenPrinted(
      visit,
      (lines) => behind(/^a full round: /, lines).map((round) => round.split(', ')),
      ({ length }) => length >= letters.length / 3,
    )
    return [rounds.map(({ length }) => length), rounds.flat().sort()]
  },
  expected: [[3, 3, 3, 3], letters],
}

const readings = Array.from({ length: 8 }, (_, at) => 2 ** at)

export const averageReadings: Example = {
  name: 'patterns: batched-by-time',
  // Each reading has a bit of its own in the sum of all periods.
  run: async (visit) => {
    const { readings: bucket } = visit.tour.batchedByTime.handles
    for (const reading of readings) await visit.caller.put(bucket, undefined, reading)
    const sumIn = (line: string): number => {
      const [, count = 0, average = 0] = /^(\d+) readings, ([\d.]+) on average$/.exec(line) ?? []
      return Number(count) * Number(average)
    }
    return whenPrinted(
      visit,
      (lines) => Math.round(sumOf(lines.map(sumIn))),
      (sum) => sum >= sumOf(readings),
    )
  },
  expected: sumOf(readings),
}

const goods = ['tea', 'milk', 'salt', 'rice']

const packOrders: Example = {
  name: 'patterns: batched-by-count-or-time',
  run: async (visit) => {
    const { orders } = visit.tour.batchedByCountOrTime.handles
    for (const each of goods) await visit.caller.put(orders, undefined, each)
    const packed = await whenPrinted(
      visit,
      (lines) => behind(/^by (?:size|time): /, lines).flatMap((batch) => batch.split(', ')),
      ({ length }) => length >= goods.length,
    )
    return packed.toSorted()
  },
  expected: goods.toSorted(),
}

const compose: Example<VisitAtHome> = {
  name: 'patterns: composed',
  run: async ({ tour, runtime }) => {
    const { facts } = tour.composed.handles
    const swift = runtime.session()
    await Promise.all([swift.put(facts, 'packed', 'packed by Bo'), swift.put(facts, 'paid', 'paid by Ada')])
    const shipped = await swift.result
    await swift.end()
    const slow = runtime.session()
    await slow.put(facts, 'packed', 'packed by Bo')
    return [shipped, (await slow.ended).error?.message]
  },
  expected: [
    'shipped, paid by Ada and packed by Bo',
    'Trigger facts.ship can never fire in this session: part 0 all has not fired within 50 ms; missing: paid.',
  ],
}

export const examples: readonly Example<VisitAtHome>[] = [
  countWords,
  sortRecords,
  indexWords,
  countViews,
  race,
  treatPatients,
  searchOnce,
  placeOrders,
  repliesOfPatterns,
  mapAndReduce,
  deliverLetters,
  averageReadings,
  packOrders,
  compose,
]
