import { ManualClock } from '@stigmergy/conformance'
import test from 'ava'
import type { AwayRun } from '../src/cluster/away-run.js'
import { Helpers, type HelpersOptions } from '../src/cluster/helpers.js'
import type { Invocation } from '../src/worker/invocation.js'

const leaseMs = 300
/** So often a home looks at its helpers. */
const lookMs = leaseMs / 3

/** A home whose helpers take what they are given, and an invocation that may travel. */
function home() {
  const clock = new ManualClock()
  const invocation = { phase: 'queued', app: 'app', fn: 'fn', objects: [] } as unknown as Invocation
  const attempt: { readonly invocation: Invocation; farSide?: AwayRun } = { invocation }
  const executor = { beginAway: () => attempt, taken: () => undefined, attemptEnded: () => undefined }
  const options: unknown = {
    worker: { executor },
    calls: { maxFrameBytes: 1_000_000, call: () => Promise.resolve([]) },
    luggage: {},
    clock,
    leaseMs,
    retryMs: 1,
    roomMade: () => undefined,
  }
  const helpers = new Helpers(options as HelpersOptions)
  const runOne = (): number => {
    const given = helpers.give([invocation]).size
    if (attempt.farSide !== undefined) helpers.ended(attempt.farSide, undefined)
    return given
  }
  return { clock, helpers, runOne }
}

test('room on another node is used again as long as it is used, and let go of when it was not', (t) => {
  const { clock, helpers, runOne } = home()
  helpers.granted({ node: 'n', address: 'node.n', apps: ['app'], count: 2 })
  for (let look = 0; look < 5; look += 1) {
    t.is(helpers.spare, 2)
    t.is(runOne(), 1)
    clock.advance(lookMs)
  }
  clock.advance(lookMs)
  t.is(helpers.spare, 0)
  t.is(runOne(), 0)
})

test('a home that has let go of all room waits for nothing', (t) => {
  const { clock, helpers } = home()
  helpers.granted({ node: 'n', address: 'node.n', apps: ['app'], count: 1 })
  clock.advance(2 * lookMs)
  t.is(clock.armed, 0)
})
