import assert from 'node:assert/strict'
import type { Law } from '../runner.js'
import { turns, until } from '../waiting.js'
import type { Peer } from './peer.js'
import { frameOf, numberedBytes, numberOf, sameFrames, traffic, type Delivery } from './traffic.js'
import { inTrio, type TransportSubject } from './world.js'

/** What arrives, and how. */
export const deliveryLaws: readonly Law<TransportSubject>[] = [
  {
    id: 'T1',
    name: 'order',
    sentence: 'Frames from one endpoint to another arrive in the order of their offers.',
    check: (subject) =>
      traffic(subject, numberedBytes, (delivery) => {
        const numbers = delivery.arrived.map(numberOf)
        const inOrder = [...numbers].sort((one, other) => one - other)
        assert.deepEqual(numbers, inOrder, `Frames arrived out of order ${between(delivery)}`)
      }),
  },
  {
    id: 'T2',
    name: 'bytes',
    sentence: 'A frame arrives with exactly the bytes that were offered.',
    check: (subject) =>
      traffic(subject, 0, (delivery) => {
        const offered = new Set(delivery.sent.map(textOf))
        for (const frame of delivery.arrived)
          assert.ok(
            offered.has(textOf(frame)),
            `A frame of ${frame.length} bytes was never offered ${between(delivery)}`,
          )
      }),
  },
  {
    id: 'T3',
    name: 'once',
    sentence: 'No frame arrives twice.',
    check: (subject) =>
      traffic(subject, numberedBytes, (delivery) => {
        const numbers = delivery.arrived.map(numberOf)
        assert.equal(new Set(numbers).size, numbers.length, `A frame arrived twice ${between(delivery)}`)
      }),
  },
  {
    id: 'T4',
    name: 'complete',
    sentence: 'Every frame that was answered `sent` arrives while both endpoints stay open.',
    check: (subject) =>
      traffic(subject, numberedBytes, (delivery) => {
        const arrived = new Set(delivery.arrived.map(numberOf))
        const missing = delivery.sent.map(numberOf).filter((number) => !arrived.has(number))
        assert.deepEqual(missing, [], `Frames are missing ${between(delivery)}`)
      }),
  },
  {
    id: 'T5',
    name: 'buffer',
    sentence: 'The sender may reuse its buffer as soon as `offer` has returned.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }, world) => {
        const frames = Array.from({ length: 100 }, (_, number) => frameOf(number, 1 + (number % 64)))
        const buffer = new Uint8Array(64)
        for (const frame of frames) {
          const sent = (): boolean => {
            buffer.set(frame)
            const answer = a.offer(b.address, buffer.subarray(0, frame.length))
            buffer.fill(0xff)
            return answer === 'sent'
          }
          await until(sent, world.deadlineMs, 'An offer that is answered `sent`')
        }
        await b.hears(a.address, frames.length)
        sameFrames(b.from(a.address), frames)
      }),
  },
  {
    id: 'T6',
    name: 'not-inside-offer',
    sentence: '`receive` is never called from within `offer`, also not from an offer that `receive` makes.',
    check: (subject) =>
      inTrio(subject, async ({ a, b }) => {
        for (const peer of [a, b]) peer.respond((frame, from) => countDown(peer, from, frame))
        await a.send(b.address, frameOf(20, numberedBytes))
        await b.hears(a.address, 11)
        assert.equal(a.log.insideOffer + b.log.insideOffer, 0)
      }),
  },
  {
    id: 'T7',
    name: 'faults',
    sentence:
      'A `receive` that throws harms no other frame, and what it threw goes to `onError` with the sender.',
    check: (subject) =>
      inTrio(subject, async ({ a, b, c }) => {
        const faults: { error: unknown; from: string }[] = []
        b.respond((frame, from) => {
          if (numberOf(frame) % 2 === 0) return
          const error = new Error('thrown by the receiver on purpose')
          faults.push({ error, from })
          throw error
        })
        const frames = Array.from({ length: 20 }, (_, number) => frameOf(number, 32))
        for (const frame of frames) for (const sender of [a, c]) await sender.send(b.address, frame)
        for (const sender of [a, c]) {
          await b.hears(sender.address, frames.length)
          sameFrames(b.from(sender.address), frames)
        }
        await turns()
        assert.deepEqual(b.log.errors, faults)
      }),
  },
]

/** Answers a number with the number below it, until zero. */
function countDown(peer: Peer, from: string, frame: Uint8Array): void {
  const number = numberOf(frame)
  if (number > 0) peer.offer(from, frameOf(number - 1, numberedBytes))
}

function between({ route }: Delivery): string {
  return `from ${route.from} to ${route.receiver.address}`
}

function textOf(frame: Uint8Array): string {
  return Buffer.from(frame).toString('latin1')
}
