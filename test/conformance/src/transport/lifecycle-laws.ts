import assert from 'node:assert/strict'
import fc from 'fast-check'
import { leavesNothing } from '../leftovers.js'
import { refuses } from '../refusal.js'
import { deadlineOf, forAll, type Law } from '../runner.js'
import { turns, until } from '../waiting.js'
import { frameOf, numberOf, sameFrames } from './traffic.js'
import { inTrio, World, type TransportSubject } from './world.js'

/** How endpoints, transports and links come and go. */
export const lifecycleLaws: readonly Law<TransportSubject>[] = [
  {
    id: 'T14',
    name: 'nobody',
    sentence: 'An offer to an address that nobody has opened, or nobody can open, is answered `closed`.',
    check: (subject) =>
      inTrio(subject, async ({ a }, world) => {
        for (const to of [world.newAddress(), ...invalidAddresses])
          assert.equal(a.offer(to, frameOf(0, 8)), 'closed', `An offer to ${JSON.stringify(to)}`)
      }),
  },
  {
    id: 'T15',
    name: 'closed',
    sentence:
      'Offers to an endpoint that has closed come to be answered `closed`, and offers of a closed endpoint are at once.',
    check: (subject) =>
      inTrio(subject, async ({ a, b, c }, world) => {
        await b.close()
        const closed = (): boolean => a.offer(b.address, frameOf(0, 8)) === 'closed'
        await until(closed, world.deadlineMs, 'The answer `closed` for a closed peer')
        await a.close()
        assert.equal(a.offer(c.address, frameOf(0, 8)), 'closed')
      }),
  },
  {
    id: 'T16',
    name: 'silence',
    sentence: 'An endpoint receives nothing after its `close` has resolved, also not what was under way.',
    check: (subject) =>
      inTrio(subject, async ({ a, b, c }) => {
        for (let number = 0; number < 300; number += 1) {
          a.offer(b.address, frameOf(number, 64))
          c.offer(b.address, frameOf(number, 64))
        }
        await b.close()
        const heard = b.from(a.address).length + b.from(c.address).length
        await a.send(c.address, frameOf(0, 64))
        await c.hears(a.address, 1)
        await turns()
        assert.equal(b.from(a.address).length + b.from(c.address).length, heard)
      }),
  },
  {
    id: 'T17',
    name: 'close-again',
    sentence: 'Closing an endpoint or a transport twice, at once or later, is the same as closing it once.',
    check: async (subject) => {
      await using world = await World.create(subject)
      const peer = await world.open(0)
      await Promise.all([peer.close(), peer.close()])
      await peer.close()
      const transport = world.transport(0)
      await Promise.all([transport.close(), transport.close()])
    },
  },
  {
    id: 'T18',
    name: 'address-in-use',
    sentence:
      'An address that is open cannot be opened again, by no transport, and its owner does not notice.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }, world) => {
        for (const number of [0, 1])
          await refuses('STG_TRANSPORT_ADDRESS', world.deadlineMs, () => world.open(number, b.address))
        await a.send(b.address, frameOf(0, 8))
        await b.hears(a.address, 1)
      }),
  },
  {
    id: 'T19',
    name: 'address-any',
    sentence: 'Every string of 1 to 512 bytes of UTF-8 is an address, and no two of them are the same one.',
    check: async (subject) => {
      await using world = await World.create(subject)
      await tellApart(world, delicate)
      await forAll(subject, similarAddresses(), (addresses) => tellApart(world, addresses))
    },
  },
  {
    id: 'T20',
    name: 'address-invalid',
    sentence: 'A string that is empty, over 512 bytes or not well-formed cannot be opened.',
    check: async (subject) => {
      await using world = await World.create(subject)
      for (const address of invalidAddresses)
        await refuses('STG_TRANSPORT_ADDRESS', world.deadlineMs, () => world.open(0, address))
    },
  },
  {
    id: 'T21',
    name: 'address-again',
    sentence:
      'An address can be opened again after its close; what was for the endpoint before does not reach the new one.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }, world) => {
        for (let number = 0; number < 100; number += 1) a.offer(b.address, frameOf(number, 64))
        await b.close()
        await using successor = await world.open(2, b.address)
        const isHeard = (): boolean => {
          a.offer(b.address, frameOf(1_000, 64))
          return successor.from(a.address).length > 0
        }
        await until(isHeard, world.deadlineMs, 'The arrival of a frame at the new endpoint')
        await turns()
        assert.deepEqual([...new Set(successor.from(a.address).map(numberOf))], [1_000])
      }),
  },
  {
    id: 'T22',
    name: 'frame-size',
    sentence:
      'Frames from no bytes to `maxFrameBytes` are carried; larger ones are refused and nothing of them arrives.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }, world) => {
        const { maxFrameBytes } = a.endpoint
        const tooLarge = new Uint8Array(maxFrameBytes + 1)
        await refuses('STG_TRANSPORT_FRAME_TOO_LARGE', world.deadlineMs, () => a.offer(b.address, tooLarge))
        const frames = [0, 1, maxFrameBytes - 1, maxFrameBytes].map((bytes) => frameOf(bytes, bytes))
        for (const frame of frames) await a.send(b.address, frame)
        await b.hears(a.address, frames.length)
        sameFrames(b.from(a.address), frames)
      }),
  },
  {
    id: 'T23',
    name: 'transport-close',
    sentence: 'A transport that closes closes its endpoints; to open another one is refused.',
    check: async (subject) => {
      await using world = await World.create(subject)
      await using a = await world.open(0)
      await using b = await world.open(0)
      await world.introduce(a, b)
      await world.transport(0).close()
      assert.equal(a.offer(b.address, frameOf(0, 8)), 'closed')
      await refuses('STG_CLOSED', world.deadlineMs, () => world.open(0))
    },
  },
  {
    id: 'T24',
    name: 'apart',
    sentence: 'Two worlds do not see each other: the same addresses are free in both, and no frame crosses.',
    check: (subject) =>
      inTrio(subject, async (here) =>
        inTrio(subject, async (there, world) => {
          assert.deepEqual([there.a.address, there.b.address], [here.a.address, here.b.address])
          const alone = world.newAddress()
          await using _alone = await world.open(0, alone)
          assert.equal(here.a.offer(alone, frameOf(0, 8)), 'closed')
          await here.a.send(here.b.address, frameOf(0, 8))
          await here.b.hears(here.a.address, 1)
          await turns()
          assert.equal(there.b.from(here.a.address).length, 0)
        }),
      ),
  },
  {
    id: 'T25',
    name: 'nothing-left',
    sentence:
      'After the close of its transports a world leaves no timer and no handle, also with frames under way.',
    check: (subject) =>
      leavesNothing(deadlineOf(subject), () =>
        inTrio(subject, async ({ a, b, c }) => {
          await a.send(b.address, frameOf(0, 8))
          await b.hears(a.address, 1)
          for (const receiver of [b, c])
            for (let number = 0; number < 10; number += 1) a.offer(receiver.address, frameOf(number, 8))
        }),
      ),
  },
  {
    id: 'T26',
    name: 'lost',
    sentence:
      'When a link is lost, `onLost` names the peer, unless every frame that was answered `sent` arrives.',
    applies: (subject) => subject.sever !== undefined,
    check: (subject) =>
      inTrio(subject, async ({ a, b }, world) => {
        let sent = 0
        const offer = (): void => {
          if (a.offer(b.address, frameOf(sent, 64)) === 'sent') sent += 1
        }
        for (let offers = 0; offers < 50; offers += 1) offer()
        const severed = world.sever()
        for (let offers = 0; offers < 50; offers += 1) offer()
        await severed
        const told = (): boolean => a.log.lost.includes(b.address) || b.from(a.address).length === sent
        await until(told, world.deadlineMs, 'The call of `onLost`')
      }),
  },
]

/** No endpoint can have one of these. */
const invalidAddresses = ['', 'x'.repeat(513), 'é'.repeat(257), 'lone \ud800 surrogate', '\udc00']

/** Names that file systems, subjects and objects take for special, or for one another. */
const delicate = [
  ...['.', '..', '*', '>', '/', '\\', 'a', 'A', 'a.b', 'a b', 'a/b', ' a', 'a ', '%61', '\0', 'a\0', 'a\n'],
  ...['é', 'e\u0301', '🐜', 'x'.repeat(511), 'x'.repeat(512), 'é'.repeat(256), 'constructor', '__proto__'],
]

/** A random address and what a careless transport could take for it. */
function similarAddresses(): fc.Arbitrary<readonly string[]> {
  const similar = (address: string): readonly string[] => [
    ...new Set([
      address,
      address.toUpperCase(),
      `${address} `,
      address.normalize('NFD'),
      encodeURIComponent(address),
    ]),
  ]
  return fc.string({ unit: 'binary', minLength: 1, maxLength: 32 }).map(similar)
}

/** Opens all of these addresses, and expects that what is for one reaches it, is from it, and reaches no other. */
async function tellApart(world: World, addresses: readonly string[]): Promise<void> {
  await using hub = await world.open(0)
  const peers = await Promise.all(addresses.map((address, number) => world.open(number, address)))
  try {
    for (const peer of peers) await world.introduce(hub, peer)
    for (const [number, peer] of peers.entries()) {
      assert.equal(peer.endpoint.address, peer.address)
      await hub.send(peer.address, frameOf(number, 8))
      await peer.send(hub.address, frameOf(number, 8))
    }
    for (const [number, peer] of peers.entries()) {
      await peer.hears(hub.address, 1)
      await hub.hears(peer.address, 1)
      assert.deepEqual(peer.from(hub.address).map(numberOf), [number])
      assert.deepEqual(hub.from(peer.address).map(numberOf), [number])
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.close()))
  }
}
