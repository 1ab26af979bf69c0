import { NatsServer } from '@stigmergy-test/nats-server'
import test from 'ava'
import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { Endpoint } from '@stigmergy/core'
import { nats } from '../src/index.js'
import { newCluster } from './support/world.js'

const server = await NatsServer.start()
test.after.always(() => server[Symbol.asyncDispose]())

test('who joins asks whether those are there that the register names, and takes none for lost that answers', async (t) => {
  const exchange = nats({ servers: server.url })
  const cluster = newCluster()
  await using first = await exchange.join({ cluster })
  const events = new EventEmitter()
  const lost: string[] = []
  const receive = (frame: Uint8Array, from: string): void =>
    void events.emit('frame', `${from}: ${Buffer.from(frame).toString()}`)
  const onLost = (peer: string): void => void lost.push(peer)
  await using member = await exchange.join({ cluster })
  const a = await first.transport.open({ address: 'a', receive, onLost })
  await member.transport.open({ address: 'b', receive, onLost })
  /** What arrives once the frame is taken: news of an address are under way for a while. */
  const arrives = async (from: Endpoint, to: string, text: string): Promise<string> => {
    const arrived = once(events, 'frame') as Promise<[string]>
    while (from.offer(to, Buffer.from(text)) !== 'sent') await setImmediate()
    return (await arrived)[0]
  }
  t.is(await arrives(a, 'b', 'one'), 'a: one')

  await using joined = await exchange.join({ cluster })
  // Whatever it has put into the register by now, the two know when they know this.
  const c = await joined.transport.open({ address: 'c', receive, onLost })
  t.is(await arrives(c, 'a', 'two'), 'c: two')
  t.is(await arrives(c, 'b', 'three'), 'c: three')
  await joined.register.set('done', new Uint8Array())
  t.is(await arrives(a, 'b', 'four'), 'a: four')
  t.deepEqual(lost, [])
})
