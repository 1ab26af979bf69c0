import { ManualClock } from '@stigmergy/conformance'
import { MemoryClusterExchange } from '@stigmergy/transport-memory'
import test from 'ava'
import { readLog, ShardLog } from '../src/cluster/shard-log.js'
import type { Journal } from '../src/contract/index.js'
import { StigmergyError } from '../src/errors.js'

const subject = 'shard.0'

function logOf(journal: Journal, epoch: number, last: number): ShardLog {
  const options = { journal, clock: new ManualClock(), subject, epoch, maxWaiting: 100, retryMs: 1 }
  return new ShardLog({ ...options, onFenced: () => undefined }, last)
}

/** Resolves when the entry is written. */
function append(log: ShardLog, entry: string): Promise<void> {
  return new Promise((resolve, reject) => log.append(Buffer.from(entry), resolve, reject))
}

for (const moment of ['read', 'last'] as const)
  test(`whoever takes a log knows all that is in it, also what is written after its \`${moment}\``, async (t) => {
    await using member = await new MemoryClusterExchange().join({ cluster: 'one' })
    const { journal } = member
    const before = logOf(journal, 1, 0)
    t.true(await before.begin())
    await append(before, 'first')
    let isToWrite = true
    const slow: Journal = Object.create(journal, {
      [moment]: {
        value: async (...args: Parameters<Journal['read']>) => {
          const answer = await (journal[moment] as (...all: typeof args) => Promise<unknown>)(...args)
          if (isToWrite) {
            isToWrite = false
            await append(before, 'second')
          }
          return answer
        },
      },
    }) as Journal
    let content = await readLog(slow, subject)
    if (!(await logOf(slow, 2, content.last).begin())) content = await readLog(slow, subject)
    t.deepEqual(
      content.entries.map((entry) => Buffer.from(entry).toString()),
      ['first', 'second'],
    )
  })

test('a snapshot for which the journal has no room waits for some, with what comes behind it', async (t) => {
  await using member = await new MemoryClusterExchange().join({ cluster: 'one' })
  const clock = new ManualClock()
  let isFull = false
  let tries = 0
  const full: Journal = Object.create(member.journal, {
    append: {
      value: async (...args: Parameters<Journal['append']>) => {
        tries += 1
        if (isFull)
          throw new StigmergyError('STG_JOURNAL_FULL', 'The journal has no room.', { retryable: true })
        return member.journal.append(...args)
      },
    },
  }) as Journal
  const options = { journal: full, clock, subject, epoch: 1, maxWaiting: 100, retryMs: 1 }
  const log = new ShardLog({ ...options, onFenced: () => t.fail('nobody else writes') }, 0)
  t.true(await log.begin())
  await append(log, 'before')
  isFull = true
  log.compact(() => Buffer.from('all so far'))
  const behind = append(log, 'behind')
  const before = tries
  while (tries < before + 3) {
    clock.advance(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const textsOf = async () => {
    const { snapshot, entries } = await readLog(member.journal, subject)
    return [snapshot === undefined ? undefined : Buffer.from(snapshot).toString(), ...entries.map(String)]
  }
  t.deepEqual(await textsOf(), [undefined, 'before'], 'what is written stays while there is no room')
  isFull = false
  clock.advance(1)
  await behind
  await log.close()
  t.deepEqual((await textsOf())[0], 'all so far')
})
