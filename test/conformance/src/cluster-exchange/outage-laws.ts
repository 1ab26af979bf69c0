import type { ClusterMember } from '@stigmergy/core'
import assert from 'node:assert/strict'
import { refuses } from '../refusal.js'
import type { Law } from '../runner.js'
import { Assembly, bytesOf, textOf, type ClusterExchangeSubject } from './assembly.js'
import { Lookout } from './watch-laws.js'

/** What members know of servers that are away, and afterwards. */
export const outageLaws: readonly Law<ClusterExchangeSubject>[] = [
  {
    id: 'M8',
    name: 'unavailable',
    sentence: 'While the servers are away every call, and `join`, is STG_CLUSTER_UNAVAILABLE.',
    applies: ({ outage }) => outage !== undefined,
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      await during(subject, async () => {
        const calls = [...callsOf(assembly.member(0)), () => subject.exchange.join(assembly)]
        await Promise.all(calls.map((call) => refuses('STG_CLUSTER_UNAVAILABLE', assembly.deadlineMs, call)))
      })
    },
  },
  {
    id: 'M9',
    name: 'resumes',
    sentence:
      'When the servers are back what was stored is there, calls succeed, and watchers are told the changes.',
    applies: ({ outage }) => outage !== undefined,
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const { register, journal } = assembly.member(0)
      await using lookout = await Lookout.post(assembly.member(1).register, 'watched')
      const revision = await register.set('watched.kept', bytesOf('kept'))
      const seq = await journal.append('subject', bytesOf('kept'), { id: 'kept' })
      await during(subject, () => Promise.resolve())
      await register.set('watched.kept', bytesOf('changed'), revision)
      await register.set('watched.new', bytesOf('new'))
      const expected = { 'watched.kept': 'changed', 'watched.new': 'new' }
      await lookout.sees(new Map(Object.entries(expected)), assembly.deadlineMs)
      assert.equal(lookout.currentAt.length, 1)
      await journal.append('subject', bytesOf('new'), { after: seq })
      const records = await assembly.member(1).journal.read('subject')
      assert.deepEqual(
        records.map(({ record }) => textOf(record)),
        ['kept', 'new'],
      )
    },
  },
]

async function during({ outage }: ClusterExchangeSubject, use: () => Promise<void>): Promise<void> {
  await outage!.begin()
  try {
    await use()
  } finally {
    await outage!.end()
  }
}

function callsOf({ register, journal }: ClusterMember): readonly (() => unknown)[] {
  return [
    () => register.get('key'),
    () => register.set('key', bytesOf('value')),
    () => register.delete('key'),
    () => register.watch('key', { onChange: () => undefined }),
    () => journal.append('subject', bytesOf('record')),
    () => journal.read('subject'),
    () => journal.last('subject'),
    () => journal.trim('subject', 1),
  ]
}
