import { NatsServer } from '@stigmergy-test/nats-server'
import { testClusterExchange } from '@stigmergy/conformance'
import test from 'ava'
import { nats } from '../src/index.js'

const server = await NatsServer.start()
test.after.always(() => server[Symbol.asyncDispose]())

const options = { servers: server.url, requestMs: 1_500 }

testClusterExchange(test.serial, {
  name: 'nats',
  exchange: nats(options),
  withJournalOf: (maxJournalBytes) => nats({ ...options, maxJournalBytes }),
  outage: { begin: () => server.stop(), end: () => server.resume() },
})
