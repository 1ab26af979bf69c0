import type { ClusterMember } from '@stigmergy/core'
import assert from 'node:assert/strict'
import { leavesNothing } from '../leftovers.js'
import { refuses } from '../refusal.js'
import { deadlineOf, type Law } from '../runner.js'
import { until, within } from '../waiting.js'
import { Assembly, bytesOf, newCluster, textOf, type ClusterExchangeSubject } from './assembly.js'
import { Lookout } from './watch-laws.js'

/** How members join and leave. */
export const membershipLaws: readonly Law<ClusterExchangeSubject>[] = [
  {
    id: 'M1',
    name: 'apart',
    sentence: 'Clusters of different names share no entry, no record and no frame.',
    check: async (subject) => {
      await using here = await Assembly.gather(subject)
      await using there = await Assembly.gather(subject)
      const [one, other] = [here.member(0), there.member(0)]
      await one.register.set('key', bytesOf('here'))
      await one.journal.append('subject', bytesOf('here'), { id: 'id' })
      await using endpoint = await one.transport.open({ address: 'address', receive: () => undefined })
      assert.equal(await other.register.get('key'), undefined)
      assert.equal(await other.journal.last('subject'), 0)
      await other.journal.append('subject', bytesOf('there'), { id: 'id', after: 0 })
      assert.deepEqual(
        (await other.journal.read('subject')).map(({ record }) => textOf(record)),
        ['there'],
      )
      await using stranger = await other.transport.open({ address: 'other', receive: () => undefined })
      assert.equal(stranger.offer(endpoint.address, bytesOf('frame')), 'closed')
    },
  },
  {
    id: 'M2',
    name: 'names',
    sentence: 'A name is 1 to 64 letters, digits, `-` and `_`; to join another one is STG_CONFIG_INVALID.',
    check: async (subject) => {
      const deadlineMs = deadlineOf(subject)
      for (const cluster of ['', 'a.b', 'a b', 'ä', 'a'.repeat(65)])
        await refuses('STG_CONFIG_INVALID', deadlineMs, () => subject.exchange.join({ cluster }))
      const longest = `${newCluster()}_${'Z9'.repeat(32)}`.slice(0, 64)
      await using assembly = await Assembly.gather(subject, longest)
      assert.equal(await assembly.member(0).register.get('key'), undefined)
    },
  },
  {
    id: 'M3',
    name: 'frames',
    sentence: 'Frames go from any member to any other.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const heard: string[] = []
      const receive = (frame: Uint8Array, from: string): void => {
        heard.push(`${from}: ${textOf(frame)}`)
      }
      await using one = await assembly.member(0).transport.open({ address: 'one', receive })
      await using other = await assembly.member(1).transport.open({ address: 'other', receive })
      const isSent = (): boolean => one.offer('other', bytesOf('frame')) === 'sent'
      await until(isSent, assembly.deadlineMs, 'A first frame')
      await until(() => heard.length === 1, assembly.deadlineMs, 'Its arrival')
      const isAnswered = (): boolean => other.offer('one', bytesOf('answer')) === 'sent'
      await until(isAnswered, assembly.deadlineMs, 'An answer')
      await until(() => heard.length === 2, assembly.deadlineMs, 'Its arrival')
      assert.deepEqual(heard, ['one: frame', 'other: answer'])
    },
  },
  {
    id: 'M4',
    name: 'aborts',
    sentence: '`join` with a signal that has aborted rejects with its reason.',
    check: async (subject) => {
      const reason = new Error('never mind')
      const joining = subject.exchange.join({ cluster: newCluster(), signal: AbortSignal.abort(reason) })
      await assert.rejects(within(joining, deadlineOf(subject), 'The rejection'), reason)
    },
  },
  {
    id: 'M5',
    name: 'closed',
    sentence: 'After `close` every call is STG_CLOSED, watchers are told nothing, and other members go on.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const [one, other] = [assembly.member(0), assembly.member(1)]
      const lookout = await Lookout.post(one.register, 'key')
      await one.close()
      const told = lookout.changes.length
      await assertClosed(one, assembly.deadlineMs)
      await using awake = await Lookout.post(other.register, 'key')
      await other.register.set('key', bytesOf('value'))
      await awake.sees(new Map([['key', 'value']]), assembly.deadlineMs)
      assert.equal(lookout.changes.length, told)
    },
  },
  {
    id: 'M6',
    name: 'close-again',
    sentence: 'Closing a member twice, at once or later, is the same as closing it once.',
    check: async (subject) => {
      await using assembly = await Assembly.gather(subject)
      const member = assembly.member(0)
      await Promise.all([member.close(), member.close()])
      await member.close()
    },
  },
  {
    id: 'M7',
    name: 'nothing-left',
    sentence: 'After the close of its members a cluster leaves no timer and no handle in the process.',
    check: (subject) =>
      leavesNothing(deadlineOf(subject), async () => {
        await using assembly = await Assembly.gather(subject)
        const { register, journal, transport } = assembly.member(0)
        await Lookout.post(register, 'key')
        await transport.open({ address: 'address', receive: () => undefined })
        await register.set('key', bytesOf('value'))
        await journal.append('subject', bytesOf('record'))
      }),
  },
]

async function assertClosed(
  { register, journal, transport }: ClusterMember,
  deadlineMs: number,
): Promise<void> {
  const calls: readonly (() => unknown)[] = [
    () => register.get('key'),
    () => register.set('key', bytesOf('late')),
    () => register.delete('key'),
    () => register.watch('key', { onChange: () => undefined }),
    () => journal.append('subject', bytesOf('late')),
    () => journal.read('subject'),
    () => journal.last('subject'),
    () => journal.trim('subject', 1),
    () => transport.open({ address: 'late', receive: () => undefined }),
  ]
  for (const call of calls) await refuses('STG_CLOSED', deadlineMs, call)
}
