import test from 'ava'
import { formatAddress, parseAddress } from '../src/address.js'

test('addresses are read as they are written', (t) => {
  for (const address of [
    { host: '127.0.0.1', port: 80 },
    { host: '::1', port: 65_535 },
    { host: 'node-1.internal', port: 1 },
  ])
    t.deepEqual(parseAddress(formatAddress(address)), address)
})

test('a host alone has the port that is given', (t) => {
  t.deepEqual(parseAddress('node-1', 7), { host: 'node-1', port: 7 })
  t.deepEqual(parseAddress('::1', 7), { host: '::1', port: 7 })
  t.is(parseAddress('node-1'), undefined)
})

test('nothing else is an address', (t) => {
  for (const text of ['', ':80', 'a b:80', 'a:0', 'a:65536', 'a:b', '[::1', 'x'.repeat(301)])
    t.is(parseAddress(text, undefined), undefined, text)
})
