import { readdirSync } from 'node:fs'
import test from 'ava'
import { Tokens } from 'stigmergy'

/** What a runtime does with the part in place, which it does not do without. */
const shown: Readonly<Record<string, string>> = {
  clock: 'day 1: 42',
  codec: 'admitted, duplicate',
  events: '2 began, 2 ended',
  ids: 'ticket-1,ticket-2',
  limits: 'Ada, STG_SESSION_LIMIT',
  'node-placement': 'Ada,Bo,Cy',
  'object-store': 'admitted, STG_STORE_FULL',
  placement: '2,2',
  'run-queue': 'emergency Di,appointment Bo,walk-in',
  'steady-clock': 'main: cluster-lease-lost',
  transport: 'Ada, by messages',
}

for (const [seam, expected] of Object.entries(shown))
  test(`a runtime uses the part behind the seam ${seam}`, async (t) => {
    const { show } = (await import(`../src/seams/${seam}.js`)) as { show: () => Promise<string> }
    t.is(await show(), expected)
  })

test('every seam of the folder is shown', (t) => {
  const files = readdirSync(new URL('../src/seams/', import.meta.url))
  t.deepEqual(files.map((file) => file.replace('.ts', '')).sort(), Object.keys(shown).sort())
})

test('every token has a page', (t) => {
  const pages = Object.keys(Tokens).map((token) => token.replace(/\B[A-Z]/g, '-$&').toLowerCase())
  t.deepEqual(
    pages.filter((page) => shown[page] === undefined),
    [],
  )
})
