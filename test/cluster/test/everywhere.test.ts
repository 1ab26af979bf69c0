import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Slice } from '@stigmergy/mapreduce'
import test from 'ava'
import { AdGenerator } from '../../../examples/ad-events/src/ads.js'
import { invertedIndex } from '../../../examples/inverted-index/src/job.js'
import { sortJob } from '../../../examples/sort/src/job.js'
import { wordCount } from '../../../examples/word-count/src/job.js'
import { countsOfWords, referenceWords } from '../../../examples/word-count/test/reference.js'
import { campaignOf } from '../src/made-apps.js'
import { note } from '../src/note.js'
import { oneWorker, type Place, smallCluster, twoProcesses, type WithPlace } from '../src/places.js'
import { loadTour, viewsOf } from '../src/tour.js'

const folder = mkdtempSync(join(tmpdir(), 'stigmergy-everywhere-'))
test.after.always(() => rmSync(folder, { recursive: true }))

const notes = join(folder, 'notes')
process.env['STIGMERGY_NOTES'] = notes
writeFileSync(notes, '')

/** What an example comes to, wherever it runs. Nothing of it is left over. */
interface Example {
  readonly name: string
  readonly run: (place: Place) => Promise<unknown>
  readonly expected: unknown
}

/** What functions have printed since the example began. */
function printed(): readonly string[] {
  return readFileSync(notes, 'utf8').split('\n').slice(0, -1)
}

/** Waits until what has been printed is enough. */
async function whenPrinted<T>(
  read: (lines: readonly string[]) => T,
  isEnough: (read: T) => boolean,
): Promise<T> {
  for (;;) {
    const found = read(printed())
    if (isEnough(found)) return found
    await sleep(20)
  }
}

const folders = { next: 0 }
/** A path that nothing is at. */
function newPath(): string {
  folders.next += 1
  return join(folder, `new-${folders.next}`)
}

function sumOf(numbers: Iterable<number>): number {
  return [...numbers].reduce((sum, each) => sum + each, 0)
}

function inOrder<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
}

const text = join(folder, 'text')
writeFileSync(text, Array.from({ length: 20_000 }, (_, at) => `word${(at * at) % 997}`).join(' '))

const countWords: Example = {
  name: 'word-count',
  run: async ({ caller }) => {
    const counts = new Map<string, number>()
    const output = (word: Slice, count: number): void => void counts.set(word.toString(), count)
    await wordCount.run(caller, { input: text, output, temporary: folder, chunkBytes: 16_384 })
    return inOrder(counts)
  },
  expected: countsOfWords(referenceWords(readFileSync(text))),
}

const records = join(folder, 'records')
const recordOf = (at: number): string => `${digestOf(String(at)).padEnd(99)}\n`
writeFileSync(records, Array.from({ length: 5_000 }, (_, at) => recordOf(at)).join(''))

function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The records in the order of their keys, equal ones as they came. */
function sortedRecords(): Uint8Array {
  const bytes = readFileSync(records)
  const all = Array.from({ length: bytes.length / 100 }, (_, at) => bytes.subarray(at * 100, at * 100 + 100))
  return Buffer.concat(all.sort((one, other) => one.subarray(0, 10).compare(other.subarray(0, 10))))
}

const sortRecords: Example = {
  name: 'sort',
  run: async ({ caller }) => {
    const file = newPath()
    await sortJob.run(caller, { input: records, output: { file }, temporary: folder, chunkBytes: 50_000 })
    return digestOf(readFileSync(file))
  },
  expected: digestOf(sortedRecords()),
}

const [river, bridge] = [join(folder, 'river.txt'), join(folder, 'bridge.txt')]
writeFileSync(river, 'The river.\nThe RIVER again,\r\nand a bridge\n')
writeFileSync(bridge, 'again the bridge\n')

const indexWords: Example = {
  name: 'inverted-index',
  run: async ({ caller }) => {
    const into = newPath()
    await invertedIndex.run(caller, { input: [river, bridge], output: { folder: into }, temporary: folder })
    const parts = readdirSync(into).sort()
    return parts.map((part) => readFileSync(join(into, part), 'utf8')).join('')
  },
  expected: [
    `a\t${river}:1`,
    `again\t${bridge}:1\t${river}:1`,
    `and\t${river}:1`,
    `bridge\t${bridge}:1\t${river}:1`,
    `river\t${river}:2`,
    `the\t${bridge}:1\t${river}:2\n`,
  ].join('\n'),
}

const adsShown = new AdGenerator(campaignOf, 1)
const adEvents = Array.from({ length: 90 }, () => adsShown.next())

const countViews: Example = {
  name: 'ad-events',
  run: async ({ tour, caller }) => {
    for (const event of adEvents) await caller.put(tour.ads.handles.events, undefined, event)
    const views = await whenPrinted(
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
  run: async ({ tour, caller }) => {
    for (const [user, texts] of Object.entries(typed))
      for (const text of texts) await caller.put(tour.search.handles.typed, undefined, { user, text })
    return whenPrinted(
      (lines) => lines.filter((line) => found.includes(line)).sort(),
      (lines) => lines.length >= found.length,
    )
  },
  expected: found,
}

const pieces = Array.from({ length: 10 }, (_, at) => at + 1)

const placeOrders: Example = {
  name: 'kubernetes',
  run: async ({ tour, caller }) => {
    const sessions = pieces.map((count) => caller.invoke(tour.orders.handles.place, count))
    const costs = await Promise.all(sessions.map(({ result }) => result))
    return [
      costs,
      await whenPrinted(
        (lines) => lines,
        ({ length }) => length >= 1,
      ),
    ]
  },
  expected: [pieces.map((count) => count * 20 + 5 + count), ['a parcel of 10 orders']],
}

const repliesOfPatterns: Example = {
  name: 'patterns that reply',
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

const mapAndReduce: Example = {
  name: 'patterns: map-reduce',
  run: async ({ tour, caller }) => {
    const session = caller.invoke(tour.mapReduce.handles.split, 'one fish two fish\nred fish blue fish')
    await session.ended
    return printed().toSorted()
  },
  expected: ['1 blue', '1 one', '1 red', '1 two', '4 fish'],
}

const letters = Array.from({ length: 12 }, (_, at) => `Oak ${at + 10}`)

const deliverLetters: Example = {
  name: 'patterns: batched-by-count',
  run: async ({ tour, caller }) => {
    for (const letter of letters) await caller.put(tour.batchedByCount.handles.letters, undefined, letter)
    const rounds = await whenPrinted(
      (lines) => lines.map((line) => line.replace('a full round: ', '').split(', ')),
      ({ length }) => length >= letters.length / 3,
    )
    return [rounds.map(({ length }) => length), rounds.flat().sort()]
  },
  expected: [[3, 3, 3, 3], letters],
}

const readings = Array.from({ length: 8 }, (_, at) => 2 ** at)

const averageReadings: Example = {
  name: 'patterns: batched-by-time',
  // Each reading has a bit of its own in the sum of all periods.
  run: async ({ tour, caller }) => {
    for (const reading of readings) await caller.put(tour.batchedByTime.handles.readings, undefined, reading)
    const sums = (lines: readonly string[]): number =>
      sumOf(
        lines.map((line) => {
          const [, count, average] = /^(\d+) readings, ([\d.]+) on average$/.exec(line) ?? []
          return Number(count) * Number(average)
        }),
      )
    return Math.round(await whenPrinted(sums, (sum) => Math.round(sum) >= sumOf(readings)))
  },
  expected: sumOf(readings),
}

const goods = ['tea', 'milk', 'salt', 'rice']

const packOrders: Example = {
  name: 'patterns: batched-by-count-or-time',
  run: async ({ tour, caller }) => {
    for (const each of goods) await caller.put(tour.batchedByCountOrTime.handles.orders, undefined, each)
    const packed = await whenPrinted(
      (lines) => lines.flatMap((line) => line.replace(/^by (size|time): /, '').split(', ')),
      ({ length }) => length >= goods.length,
    )
    return packed.toSorted()
  },
  expected: goods.toSorted(),
}

const compose: Example = {
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

const examples: readonly Example[] = [
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

/** Some examples are programs, and run once when they are loaded. */
const tour = loadTour(note)

const places: Readonly<Record<string, WithPlace>> = {
  'one worker': oneWorker,
  'two processes': twoProcesses,
  'a cluster': smallCluster,
}

for (const [name, withPlace] of Object.entries(places))
  test.serial(`every example has its exact results on ${name}`, async (t) => {
    t.timeout(25_000)
    await withPlace(await tour, async (place) => {
      for (const example of examples) {
        writeFileSync(notes, ''); process.stderr.write(example.name+' '+Date.now()+'\n')
        t.deepEqual(await example.run(place), example.expected, example.name)
      }
    })
  })

test('every folder of examples is among those', (t) => {
  const named = new Set(examples.map((example) => example.name.split(/[ :]/)[0]!))
  t.deepEqual([...named].sort(), readdirSync(new URL('../../../examples/', import.meta.url)).sort())
})
