import { StigmergyError } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { createRing, openRing, ringSize, type Ring } from '../src/ring.js'
import { frameKind, largestContent, ringLayout } from '../src/ring-layout.js'
import { RingReader } from '../src/ring-reader.js'
import { RingWriter, type Flow } from '../src/ring-writer.js'

const capacity = 4_096

interface Sides {
  readonly ring: Ring
  readonly writer: RingWriter
  readonly reader: RingReader
  readonly flow: (id: number) => Flow
}

function makeRing(): Sides {
  const memory = new ArrayBuffer(ringSize(capacity))
  const ring = createRing(memory)
  const writer = new RingWriter(ring)
  const flow = (id: number): Flow => {
    const made = { id, inFlight: 0 }
    writer.attach(made)
    return made
  }
  return { ring, writer, reader: new RingReader(openRing(memory, 'a ring')), flow }
}

/** Receives the next frame that is no padding. */
function receive({ reader }: Sides): Uint8Array | undefined {
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    const copy = new Uint8Array(frame)
    const { kind } = reader
    reader.advance()
    if (kind !== frameKind.padding) return copy
  }
  return undefined
}

function write({ writer }: Sides, flow: Flow, content: Uint8Array): boolean {
  return writer.write(flow, frameKind.data, content)
}

test('frames of all sizes go around the ring many times, whole and in order', (t) => {
  const sides = makeRing()
  const flow = sides.flow(1)
  for (let number = 0; number < 5_000; number += 1) {
    const content = new Uint8Array((number * 37) % (largestContent(capacity) + 1)).fill(number)
    if (!write(sides, flow, content)) return t.fail(`Frame ${number} found no room in an empty ring`)
    if (Buffer.compare(receive(sides) ?? new Uint8Array(1), content) !== 0) return t.fail(`Frame ${number}`)
  }
  t.is(receive(sides), undefined)
})

test('positions go on after 2^32 bytes', (t) => {
  const memory = new ArrayBuffer(ringSize(capacity))
  const ring = createRing(memory)
  const start = -64
  const flow = { id: 1, inFlight: 0 }
  ring.words[ringLayout.headWord] = start
  ring.words[ringLayout.tailWord] = start
  const writer = new RingWriter(ring)
  const sides = { ring, writer, reader: new RingReader(ring), flow: () => flow }
  writer.attach(flow)
  for (let number = 0; number < 100; number += 1) {
    t.true(write(sides, flow, new Uint8Array([number])))
    t.deepEqual(receive(sides), new Uint8Array([number]))
  }
})

test('a frame whose commit is missing is not there', (t) => {
  const sides = makeRing()
  const flow = sides.flow(1)
  write(sides, flow, new Uint8Array([1]))
  const committed = sides.ring.words[ringLayout.tailWord] ?? 0
  write(sides, flow, new Uint8Array([2]))
  sides.ring.words[ringLayout.tailWord] = committed
  t.deepEqual(receive(sides), new Uint8Array([1]))
  t.is(receive(sides), undefined)
})

test('one flow takes half of the ring, and another one then still finds room', (t) => {
  const sides = makeRing()
  const [greedy, modest] = [sides.flow(1), sides.flow(2)]
  const content = new Uint8Array(56)
  let sent = 0
  while (write(sides, greedy, content)) sent += 1
  t.is(sent, capacity / 64 / 2)
  t.true(write(sides, modest, content))
})

test('room comes back to the flow whose frames were received', (t) => {
  const sides = makeRing()
  const flow = sides.flow(1)
  const content = new Uint8Array(56)
  while (write(sides, flow, content));
  receive(sides)
  t.true(sides.writer.fits(flow, content.length))
  t.true(write(sides, flow, content))
  t.false(write(sides, flow, content))
  while (receive(sides) !== undefined);
  t.true(sides.writer.fits(flow, largestContent(capacity)))
  t.is(flow.inFlight, 0)
})

test('a sender that waits for room is noticed once', (t) => {
  const { writer, reader } = makeRing()
  t.false(reader.takeWaiting())
  writer.awaitRoom()
  t.deepEqual([reader.takeWaiting(), reader.takeWaiting()], [true, false])
})

test('a frame that reaches out of what was written is refused, and nothing of it is read', (t) => {
  const damage = (spoil: (words: Int32Array) => void): void => {
    const sides = makeRing()
    write(sides, sides.flow(1), new Uint8Array(100))
    spoil(sides.ring.words)
    t.true(
      StigmergyError.is(
        t.throws(() => sides.reader.next()),
        'STG_STORE_CORRUPT',
      ),
    )
  }
  damage((words) => (words[ringLayout.dataOffset >> 2] = 0x0fff_ffff))
  damage((words) => (words[ringLayout.dataOffset >> 2] = 200))
  damage((words) => (words[ringLayout.tailWord] = 16))
})

function refuses(t: ExecutionContext, memory: ArrayBuffer): void {
  t.true(
    StigmergyError.is(
      t.throws(() => openRing(memory, 'a ring')),
      'STG_STORE_CORRUPT',
    ),
  )
}

test('what is no ring of this version is refused', (t) => {
  refuses(t, new ArrayBuffer(8))
  refuses(t, new ArrayBuffer(ringSize(capacity)))
  const memory = new ArrayBuffer(ringSize(capacity))
  createRing(memory).words[ringLayout.versionWord] = 99
  refuses(t, memory)
  createRing(memory)
  refuses(t, memory.slice(0, ringSize(capacity / 2) - 4))
})
