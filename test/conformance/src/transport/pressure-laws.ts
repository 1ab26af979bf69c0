import assert from 'node:assert/strict'
import type { Law } from '../runner.js'
import { within } from '../waiting.js'
import type { Peer } from './peer.js'
import { frameOf, sameFrames } from './traffic.js'
import { inTrio, type TransportSubject } from './world.js'

/** What happens when a receiver is slow. None of these waits while it fills a queue, so that the receiver cannot take anything. */
export const pressureLaws: readonly Law<TransportSubject>[] = [
  {
    id: 'T8',
    name: 'bounded',
    sentence:
      'Offers to a receiver that takes nothing come to be answered `full`, with empty frames as with large ones.',
    check: async (subject) => {
      for (const bytes of [0, 4_096, largeBytes])
        await inTrio(subject, async ({ a, b }) => {
          fill(a, b.address, Math.min(bytes, a.endpoint.maxFrameBytes))
        })
    },
  },
  {
    id: 'T9',
    name: 'full-is-not-sent',
    sentence:
      'A frame that was answered `full` never arrives, and those that were answered `sent` before it do.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }) => {
        const sent = fill(a, b.address, 256)
        const last = frameOf(sent + 1, 256)
        await a.send(b.address, last)
        await b.hears(a.address, sent + 1)
        const expected = Array.from({ length: sent }, (_, number) => frameOf(number, 256))
        sameFrames(b.from(a.address), [...expected, last])
      }),
  },
  {
    id: 'T10',
    name: 'writable',
    sentence: 'After `full`, `writable` resolves when an offer may succeed again, and not before.',
    check: (subject) =>
      inTrio(subject, async ({ a, b, c }) => {
        const sent = await waitForRoom(a, b.address)
        await Promise.all([pump(a, b.address), pump(c, b.address)])
        await b.hears(a.address, sent + pumped)
        await b.hears(c.address, pumped)
      }),
  },
  {
    id: 'T11',
    name: 'writable-ends',
    sentence:
      '`writable` resolves when the peer closes, when the endpoint itself closes, and when nobody has the address.',
    check: (subject) =>
      inTrio(subject, async ({ a, b, c }, world) => {
        await a.writable(world.newAddress())
        for (const closing of [b, a]) {
          const to = closing === a ? c.address : b.address
          fill(a, to, 256)
          await Promise.all([a.writable(to), closing.close()])
        }
      }),
  },
  {
    id: 'T12',
    name: 'writable-aborts',
    sentence: '`writable` rejects when its signal aborts, and at once when it has aborted before.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }, world) => {
        fill(a, b.address, 256)
        const controller = new AbortController()
        const during = isRejected(a.endpoint.writable(b.address, controller.signal))
        controller.abort()
        const before = isRejected(a.endpoint.writable(b.address, controller.signal))
        const rejected = await within(
          Promise.all([during, before]),
          world.deadlineMs,
          'The end of both waits',
        )
        assert.deepEqual(rejected, [true, true], 'An aborted wait resolved')
        await a.send(b.address, frameOf(0, 256))
      }),
  },
  {
    id: 'T13',
    name: 'independent',
    sentence: 'While offers to one receiver are answered `full`, offers to others are sent and arrive.',
    check: (subject) =>
      inTrio(subject, async ({ a, b, c }) => {
        fill(a, b.address, 256)
        const others = [
          { sender: a, receiver: c },
          { sender: b, receiver: a },
          { sender: b, receiver: c },
          { sender: c, receiver: a },
        ]
        for (const { sender, receiver } of others)
          assert.equal(sender.offer(receiver.address, frameOf(0, 256)), 'sent')
        for (const { sender, receiver } of others) await receiver.hears(sender.address, 1)
      }),
  },
]

const largeBytes = 2 ** 16

/** A queue that takes more than this is not bounded. */
const most = { frames: 2 ** 17, bytes: 2 ** 26 }

/** Offers numbered frames until the first `full`. Returns how many were sent. */
function fill(sender: Peer, to: string, bytes: number): number {
  for (let sent = 0; sent < most.frames && sent * bytes < most.bytes; sent += 1) {
    const answer = sender.offer(to, frameOf(sent, bytes))
    if (answer === 'full') return sent
    assert.equal(answer, 'sent')
  }
  throw new Error(
    `Frames of ${bytes} bytes were not refused before ${most.frames} of them or ${most.bytes} bytes`,
  )
}

/** Fills a queue and waits for `writable`, which must not resolve before there is room. Returns how many frames were sent. */
async function waitForRoom(sender: Peer, to: string): Promise<number> {
  const bytes = 256
  const sent = fill(sender, to, bytes)
  const room = { found: false }
  const writable = sender.writable(to).then(() => (room.found = true))
  for (let microtasks = 0; microtasks < 50; microtasks += 1) await Promise.resolve()
  const answer = room.found ? sender.offer(to, frameOf(sent, bytes)) : undefined
  await writable
  assert.notEqual(answer, 'full', '`writable` resolved while there was no room')
  return answer === 'sent' ? sent + 1 : sent
}

/** Frames that `pump` sends: far more than fit. */
const pumped = 3_000

/** Sends small frames, and every fiftieth a large one. */
async function pump(sender: Peer, to: string): Promise<void> {
  const large = Math.min(largeBytes, sender.endpoint.maxFrameBytes)
  for (let number = 0; number < pumped; number += 1)
    await sender.send(to, frameOf(number, number % 50 === 0 ? large : 8))
}

async function isRejected(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    () => true,
  )
}
