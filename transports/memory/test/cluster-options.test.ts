import { ManualClock } from '@stigmergy/conformance'
import { StigmergyError } from '@stigmergy/core'
import test from 'ava'
import { memoryCluster } from '../src/index.js'

const record = new Uint8Array(10)
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a limit that is not a whole number from 1 is refused', (t) => {
  for (const value of [0, -1, 1.5, NaN, Infinity])
    for (const name of ['maxRecordBytes', 'maxJournalBytes']) {
      const error = t.throws(() => memoryCluster({ [name]: value }))
      t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
    }
})

test('maxRecordBytes is what a journal says and keeps', async (t) => {
  await using member = await memoryCluster({ maxRecordBytes: 9 }).join({ cluster: 'test' })
  t.is(member.journal.maxRecordBytes, 9)
  await t.throwsAsync(member.journal.append('subject', record), { instanceOf: TypeError })
})

test('maxJournalBytes bounds the records of all subjects together', async (t) => {
  await using member = await memoryCluster({ maxJournalBytes: 29 }).join({ cluster: 'test' })
  const { journal } = member
  await journal.append('one', record)
  const last = await journal.append('other', record)
  const error = await t.throwsAsync(journal.append('third', record))
  t.true(StigmergyError.is(error, 'STG_JOURNAL_FULL'))
  await journal.trim('other', last)
  await t.notThrowsAsync(journal.append('third', record))
})

test('an id is known for two minutes', async (t) => {
  const clock = new ManualClock()
  await using member = await memoryCluster({ clock }).join({ cluster: 'test' })
  const append = () => member.journal.append('subject', record, { id: 'id' })
  const first = await append()
  clock.advance(120_000)
  t.is(await append(), first)
  clock.advance(1)
  t.not(await append(), first)
})

test('an entry that was deleted while nobody answered is told afterwards', async (t) => {
  const exchange = memoryCluster()
  await using one = await exchange.join({ cluster: 'test' })
  await using other = await exchange.join({ cluster: 'test' })
  await one.register.set('key', record)
  const told: unknown[] = []
  let resolve: () => void
  const isTold = new Promise<void>((done) => (resolve = done))
  await other.register.watch('key', {
    onChange: ({ value }) => {
      told.push(value)
      if (value === undefined) resolve()
    },
  })
  await nextTurn()
  await one.register.delete('key')
  exchange.stop()
  await nextTurn()
  t.deepEqual(told, [record])
  exchange.resume()
  await isTold
  t.deepEqual(told, [record, undefined])
})
