import test from 'ava'
import { tcp, type TcpOptions } from '../src/index.js'
import { node } from './support/ports.js'

const refused: readonly (readonly [string, unknown])[] = [
  ['host', { host: '' }],
  ['port', { port: 65_536 }],
  ['port', { port: 1.5 }],
  ['advertise', { host: '0.0.0.0' }],
  ['advertise', { advertise: 'no:address:' }],
  ['chunkBytes', { chunkBytes: 1 }],
  ['timeouts.handshakeMs', { timeouts: { handshakeMs: 0 } }],
  ['timeouts', { timeouts: 5 }],
  ['limits.receiving', { limits: { receiving: 2 ** 17 } }],
  ['other', { other: 1 }],
  ['tcp', null],
]

for (const [field, options] of refused)
  test(`${JSON.stringify(options)} is refused, and the message names ${field}`, (t) => {
    const error = t.throws(() => tcp(options as TcpOptions), { code: 'STG_CONFIG_INVALID' })
    t.true(error.message.includes(field))
  })

test('by default only this machine gets in', async (t) => {
  const { port } = await node(t)
  t.regex(port.listening, /^127\.0\.0\.1:\d+$/)
  t.is(port.address, port.listening)
})

test('what listens everywhere tells by which address it is reached', async (t) => {
  const { port } = await node(t, { host: '0.0.0.0', advertise: 'node-1.internal' })
  const [, number] = /^0\.0\.0\.0:(\d+)$/.exec(port.listening)!
  t.is(port.address, `node-1.internal:${number}`)
})
