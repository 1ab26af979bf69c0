import fc from 'fast-check'
import { forAll } from '../runner.js'
import { turn } from '../waiting.js'
import { World, type Route, type TransportSubject } from './world.js'

/** What was sent on a route, and what arrived. */
export interface Delivery {
  readonly route: Route
  readonly sent: readonly Uint8Array[]
  readonly arrived: readonly Uint8Array[]
}

/** One step of a random run: a frame on one of the routes, or a pause in which frames can arrive. */
type Step = { readonly route: number; readonly bytes: number } | 'pause'

/** Frames of at least this size have their number in them. */
export const numberedBytes = 8

/** The largest frame of random runs; the law of sizes has its own. */
const largestBytes = 2 ** 18

/** Sends random frames between three endpoints, waits until as many have arrived, and hands each route's delivery to `judge`. */
export async function traffic(
  subject: TransportSubject,
  leastBytes: number,
  judge: (delivery: Delivery) => void,
): Promise<void> {
  await using world = await World.create(subject)
  const maxFrameBytes = await measureFrame(world)
  await forAll(subject, stepsOf(leastBytes, maxFrameBytes), (steps) =>
    world.trio(async ({ a, b, c }) => {
      const deliveries = await run(steps, world.routes(a, b, c))
      for (const delivery of deliveries) judge(delivery)
    }),
  )
}

async function measureFrame(world: World): Promise<number> {
  await using peer = await world.open(0)
  return peer.endpoint.maxFrameBytes
}

function stepsOf(leastBytes: number, maxFrameBytes: number): fc.Arbitrary<readonly Step[]> {
  const upTo = (bytes: number): fc.Arbitrary<number> =>
    fc.integer({ min: leastBytes, max: Math.max(leastBytes, Math.min(bytes, maxFrameBytes)) })
  const bytes = fc.oneof(
    { weight: 12, arbitrary: upTo(64) },
    { weight: 6, arbitrary: upTo(4_096) },
    { weight: 1, arbitrary: upTo(largestBytes) },
  )
  const frame = fc.record({ route: fc.nat({ max: 11 }), bytes })
  return fc.array(
    fc.oneof({ weight: 9, arbitrary: frame }, { weight: 1, arbitrary: fc.constant('pause' as const) }),
    {
      maxLength: 120,
      size: 'max',
    },
  )
}

async function run(steps: readonly Step[], routes: readonly Route[]): Promise<readonly Delivery[]> {
  const traffic = routes.map((route) => ({ route, sent: [] as Uint8Array[] }))
  for (const [number, step] of steps.entries()) {
    const taken = step === 'pause' ? undefined : traffic[step.route % traffic.length]
    if (step === 'pause' || taken === undefined) {
      await turn()
    } else {
      const frame = frameOf(number, step.bytes)
      await taken.route.sender.send(taken.route.to, frame)
      taken.sent.push(frame)
    }
  }
  return Promise.all(traffic.map(({ route, sent }) => settle(route, sent)))
}

async function settle(route: Route, sent: readonly Uint8Array[]): Promise<Delivery> {
  await route.receiver.hears(route.from, sent.length)
  await turn()
  return { route, sent, arrived: route.receiver.from(route.from) }
}

/** A frame of this size, of bytes that follow from its number; it starts with the number if it has room for it. */
export function frameOf(number: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(bytes)
  let state = number + 1
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    frame[at] = state >>> 24
  }
  if (bytes >= numberedBytes) new DataView(frame.buffer).setFloat64(0, number)
  return frame
}

/** The number that `frameOf` wrote. */
export function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getFloat64(0)
}

/** Throws at the first frame that differs, and says how, without printing whole frames. */
export function sameFrames(arrived: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  const none = new Uint8Array()
  const differs = (frame: Uint8Array, at: number): boolean =>
    Buffer.compare(frame, expected[at] ?? none) !== 0
  const first = arrived.findIndex(differs)
  if (first >= 0)
    throw new Error(`Frame ${first} is ${excerpt(arrived[first])} instead of ${excerpt(expected[first])}`)
  if (arrived.length !== expected.length)
    throw new Error(`${arrived.length} frames arrived instead of ${expected.length}`)
}

function excerpt(frame: Uint8Array | undefined): string {
  if (frame === undefined) return 'nothing'
  return `${frame.length} bytes (${Buffer.from(frame.subarray(0, 12)).toString('hex')}...)`
}
