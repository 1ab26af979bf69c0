import { StigmergyError, type Journal } from '@stigmergy/core'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { refuses, refusesType } from '../refusal.js'
import { forAll, type Law } from '../runner.js'
import { Assembly, bytesOf, newCluster, textOf, type ClusterExchangeSubject } from './assembly.js'
import { invalidKeys, keys } from './keys.js'

/** What is done at random to one of two subjects, by one of the members. */
interface Act {
  readonly subject: number
  readonly member: number
  readonly does: 'append' | 'append behind the last' | 'append behind another' | 'trim'
  /** Picks a record, or the number of them. */
  readonly pick: number
}

function acts(): fc.Arbitrary<readonly Act[]> {
  const act = fc.record({
    subject: fc.nat({ max: 1 }),
    member: fc.nat({ max: 1 }),
    does: fc.constantFrom(
      'append' as const,
      'append' as const,
      'append behind the last' as const,
      'append behind another' as const,
      'trim' as const,
    ),
    pick: fc.nat({ max: 9 }),
  })
  return fc.array(act, { maxLength: 20 })
}

/** A subject as the model has it. */
class ModelledSubject {
  readonly #deadlineMs: number
  records: { readonly seq: number; readonly text: string }[] = []
  last = 0
  /** Sequence numbers that were the last one once, 0 first. */
  readonly lasts = [0]

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs
  }

  /** Does it to the journal, and the same here. Throws when they differ. */
  async act(journal: Journal, subject: string, { does, pick }: Act, text: string): Promise<void> {
    if (does === 'trim') return this.#trim(journal, subject, pick)
    const earlier = this.lasts.slice(0, -1)
    const after = does === 'append behind another' ? earlier[pick % earlier.length] : this.last
    if (after === undefined) return
    const options = does === 'append' ? {} : { after }
    const append = () => journal.append(subject, bytesOf(text), options)
    if (does === 'append behind another') return refuses('STG_JOURNAL_CONFLICT', this.#deadlineMs, append)
    const seq = await append()
    assert.ok(seq > this.last, `A record got ${seq} behind ${this.last}`)
    this.records.push({ seq, text })
    this.last = seq
    this.lasts.push(seq)
  }

  /** Throws unless the journal has the same. */
  async compare(journal: Journal, subject: string, { pick }: Act): Promise<void> {
    assert.equal(await journal.last(subject), this.last)
    const after = this.lasts[pick % this.lasts.length]!
    const limit = 1 + (pick % 4)
    const behind = this.records.filter(({ seq }) => seq > after)
    assert.deepEqual(await readTexts(journal, subject), this.records)
    assert.deepEqual(await readTexts(journal, subject, { after }), behind)
    assert.deepEqual(await readTexts(journal, subject, { after, limit }), behind.slice(0, limit))
  }

  async #trim(journal: Journal, subject: string, pick: number): Promise<void> {
    const upTo = this.records[pick % this.records.length]?.seq ?? this.last
    await journal.trim(subject, upTo)
    this.records = this.records.filter(({ seq }) => seq > upTo)
  }
}

async function readTexts(
  journal: Journal,
  subject: string,
  options?: { readonly after?: number; readonly limit?: number },
): Promise<readonly { readonly seq: number; readonly text: string }[]> {
  const records = await journal.read(subject, options)
  return records.map(({ seq, record }) => ({ seq, text: textOf(record) }))
}

/** What the journal keeps, and who may write to it. */
export const journalLaws: readonly Law<ClusterExchangeSubject>[] = [
  {
    id: 'J1',
    name: 'records',
    sentence:
      'Every subject has records of its own of up to `maxRecordBytes`; other subjects and larger records are a TypeError.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { journal } = assembly.member(0)
      await forAll(subject, fc.uniqueArray(keys(), { minLength: 2, maxLength: 3 }), async (each) => {
        const after = await Promise.all(each.map((key) => journal.last(key)))
        for (const key of each) await journal.append(key, bytesOf(key))
        for (const [at, key] of each.entries())
          assert.deepEqual(
            (await readTexts(journal, key, { after: after[at]! })).map(({ text }) => text),
            [key],
          )
      })
      for (const size of [0, journal.maxRecordBytes]) {
        const seq = await journal.append('large', new Uint8Array(size).fill(7), { id: `of-${size}-bytes` })
        const [record] = await journal.read('large', { after: seq - 1 })
        assert.deepEqual(record?.record, new Uint8Array(size).fill(7))
      }
      await refusesType(() => journal.append('large', new Uint8Array(journal.maxRecordBytes + 1)))
      for (const key of invalidKeys) {
        await refusesType(() => journal.append(key, bytesOf('record')))
        await refusesType(() => journal.read(key))
        await refusesType(() => journal.last(key))
        await refusesType(() => journal.trim(key, 1))
      }
    },
  },
  {
    id: 'J2',
    name: 'log',
    sentence:
      'A subject is read as it was appended, oldest first, behind `after` and up to `limit`, without what was trimmed; `last` counts that still.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { journal } = assembly.member(0)
      const first = await journal.append('first', bytesOf('the first one of the cluster'))
      await journal.trim('first', first)
      assert.equal(await journal.last('first'), first)
      assert.deepEqual(await journal.read('first'), [])
      await forAll(subject, acts(), async (each) => {
        const subjects = [0, 1].map(() => ({
          key: assembly.newKey(),
          model: new ModelledSubject(assembly.deadlineMs),
        }))
        for (const [at, act] of each.entries()) {
          const { key, model } = subjects[act.subject]!
          await model.act(assembly.member(act.member).journal, key, act, `${at}`)
          await model.compare(assembly.member(at).journal, key, act)
        }
      })
    },
  },
  {
    id: 'J3',
    name: 'one-owner',
    sentence:
      'Of several appends at once behind the same record one is stored; the others are STG_JOURNAL_CONFLICT.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(
        subject,
        fc.tuple(fc.integer({ min: 2, max: 8 }), fc.boolean()),
        async ([count, isNew]) => {
          const key = assembly.newKey()
          const after = isNew ? 0 : await assembly.member(0).journal.append(key, bytesOf('first'))
          const appends = Array.from({ length: count }, (_, at) =>
            assembly.member(at).journal.append(key, bytesOf(`${at}`), { after }),
          )
          const outcomes = await Promise.allSettled(appends)
          const stored = outcomes.flatMap((outcome, at) =>
            outcome.status === 'fulfilled' ? [{ seq: outcome.value, text: `${at}` }] : [],
          )
          assert.equal(stored.length, 1, `${stored.length} appends were stored`)
          const refused = outcomes.flatMap((outcome) =>
            outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
          )
          assert.ok(refused.every((error) => StigmergyError.is(error, 'STG_JOURNAL_CONFLICT')))
          assert.deepEqual(await readTexts(assembly.member(0).journal, key, { after }), stored)
        },
      )
    },
  },
  {
    id: 'J4',
    name: 'once',
    sentence:
      'An append that is repeated with its id is stored once, and tells the same `seq`, also with `after`.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await forAll(subject, fc.tuple(fc.boolean(), fc.nat({ max: 3 })), async ([isBehind, others]) => {
        const key = assembly.newKey()
        const options = { id: 'the-same', ...(isBehind ? { after: 0 } : {}) }
        const seq = await assembly.member(0).journal.append(key, bytesOf('once'), options)
        for (let at = 0; at < others; at += 1) await assembly.member(0).journal.append(key, bytesOf('other'))
        assert.equal(await assembly.member(1).journal.append(key, bytesOf('once'), options), seq)
        const other = assembly.newKey()
        await assembly.member(0).journal.append(other, bytesOf('elsewhere'), options)
        assert.equal((await assembly.member(0).journal.read(key)).length, 1 + others)
        assert.equal((await assembly.member(0).journal.read(other)).length, 1)
      })
    },
  },
  {
    id: 'J5',
    name: 'outlives',
    sentence: 'Records and entries outlive the members of a cluster.',
    check: async (subject) => {
      const cluster = newCluster()
      {
        await using assembly = await Assembly.gather(subject, cluster)
        await assembly.member(0).journal.append('subject', bytesOf('record'))
        await assembly.member(0).register.set('key', bytesOf('value'))
      }
      await using assembly = await Assembly.gather(subject, cluster)
      const { journal, register } = assembly.member(0)
      assert.deepEqual(
        (await readTexts(journal, 'subject')).map(({ text }) => text),
        ['record'],
      )
      assert.equal(textOf((await register.get('key'))!.value), 'value')
    },
  },
  {
    id: 'J6',
    name: 'full',
    sentence: 'A journal that is full is STG_JOURNAL_FULL; what is stored stays, and a trim makes room.',
    applies: ({ withJournalOf }) => withJournalOf !== undefined,
    check: async ({ withJournalOf, ...options }) => {
      const bytes = 2 ** 18
      await using assembly = await Assembly.gather({ ...options, exchange: withJournalOf!(bytes) })
      const { journal } = assembly.member(0)
      const record = new Uint8Array(2 ** 13)
      const most = 2 * (bytes / record.length)
      const stored: number[] = []
      await refuses('STG_JOURNAL_FULL', assembly.deadlineMs, async () => {
        while (stored.length < most) stored.push(await journal.append('subject', record))
      })
      assert.ok(stored.length >= most / 4, `${stored.length} records were stored`)
      const seqs = async () => (await journal.read('subject')).map(({ seq }) => seq)
      assert.deepEqual(await seqs(), stored)
      await journal.trim('subject', stored[3]!)
      const seq = await journal.append('subject', record)
      assert.deepEqual(await seqs(), [...stored.slice(4), seq])
    },
  },
]
