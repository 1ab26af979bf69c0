import { NatsServer } from '@stigmergy-test/nats-server'
import { testTransport } from '@stigmergy/conformance'
import test from 'ava'
import { createWorld } from './support/world.js'

const server = await NatsServer.start()
test.after.always(() => server[Symbol.asyncDispose]())

testTransport(test.serial, { name: 'nats between two members', create: () => createWorld(server, 2) })
testTransport(test.serial, { name: 'nats inside one member', create: () => createWorld(server, 1) })
