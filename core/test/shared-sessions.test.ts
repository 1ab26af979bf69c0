import { type SentPut, type SharedSession, SharedSessions } from '../src/cluster/shared-sessions.js'
import test from 'ava'

const end = { outcome: 'succeeded' } as const

function putOf(invocation: string): SentPut {
  const producer = { fn: '', invocation, attempt: 1 }
  const value = { inline: new Uint8Array() }
  return {
    ...{ session: 's', app: 'app', bucket: 'b', key: invocation, keyIsOwn: true },
    ...{ value, bytes: 0, producer, options: {} },
  }
}

function begun(): { readonly sessions: SharedSessions; readonly session: SharedSession } {
  const sessions = new SharedSessions(10)
  return { sessions, session: sessions.begin({ session: 's', app: 'app', fn: undefined }) }
}

test('a put that is told twice is kept once, in the order of the first time', (t) => {
  const { sessions, session } = begun()
  for (const name of ['x', 'y', 'x']) sessions.admitted(putOf(name))
  t.deepEqual([...session.puts.keys()], ['x', 'y'])
})

test('an end counts when its life of the session has seen every put, and gives them back', (t) => {
  const { sessions, session } = begun()
  sessions.admitted(putOf('x'))
  t.deepEqual(sessions.ended(1, 's', end, []), { ended: false, puts: [putOf('x')] })
  t.is(session.end, undefined)
  t.deepEqual(sessions.ended(2, 's', end, ['x', 'other']), { ended: true, freed: [putOf('x')] })
  t.is(session.end, end)
  t.deepEqual(sessions.ended(3, 's', end, []), { ended: true, freed: [] }, 'the second end changes nothing')
  t.is(session.endedAt, 2)
})

test('a failure counts whatever it has seen', (t) => {
  const { sessions } = begun()
  sessions.admitted(putOf('x'))
  t.true(sessions.ended(1, 's', { outcome: 'failed' }, []).ended)
})

test('a put into a session that has ended is not kept', (t) => {
  const { sessions, session } = begun()
  sessions.ended(1, 's', end, [])
  sessions.admitted(putOf('x'))
  t.is(session.puts.size, 0)
})

test('sessions are made again of plain data, with what was put into them', (t) => {
  const { sessions } = begun()
  sessions.admitted(putOf('x'))
  const again = new SharedSessions(10, sessions.state)
  t.deepEqual(again.state, sessions.state)
  t.deepEqual([...again.find('s')!.puts.keys()], ['x'])
})
