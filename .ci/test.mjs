// Runs every check, the static ones (`verify`) or the ones named: test.mjs [verify | <step>...]
// The last line counts them: `N passed, N failed`.
import { ensureBuilt, ensureInstalled } from './prepare.mjs'

/** @typedef {import('./steps.mjs').Step} Step */

const started = performance.now()
const wanted = process.argv.slice(2)
const total = { passed: 0, failed: 0 }

await perform({ name: 'install', run: ensureInstalled })
if (total.failed === 0) await perform({ name: 'build', run: ensureBuilt })
if (total.failed === 0) await check()

process.exitCode = total.failed === 0 ? 0 : 1
console.log(`\nAll steps took ${seconds(started)}`)
console.log(`${total.passed} passed, ${total.failed} failed`)

async function check() {
  const { staticSteps, dynamicSteps } = await import('./steps.mjs')
  const later = dynamicSteps()
  const known = new Set(['verify', ...[...staticSteps, ...later].map(({ name }) => name)])
  const unknown = wanted.filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new Error(`No such step: ${unknown.join(', ')}. There are: ${[...known].join(', ')}`)

  const isWanted = (/** @type {Step} */ { name }) => wanted.length === 0 || wanted.includes(name)
  await inPairs(wanted.includes('verify') ? staticSteps : staticSteps.filter(isWanted))
  for (const step of later.filter(isWanted)) await perform(step)
}

/** @param {Step[]} steps */
async function inPairs(steps) {
  const waiting = [...steps]
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await perform(step)
  }
  await Promise.all([lane(), lane()])
}

/** @param {Step} step */
async function perform({ name, run }) {
  const begun = performance.now()
  try {
    const result = await run()
    if (typeof result !== 'object') return count(name, { passed: 1, failed: 0, output: result ?? '' }, begun)
    count(name, result, begun)
  } catch (error) {
    const output = error instanceof Error ? error.message : String(error)
    count(name, { passed: 0, failed: 1, output }, begun)
  }
}

/** @param {string} name @param {import('./suite.mjs').TestCounts} counts @param {number} begun */
function count(name, { passed, failed, output }, begun) {
  total.passed += passed
  total.failed += failed
  const tests = passed + failed === 1 ? '' : `${passed} passed, ${failed} failed`
  const remark = failed === 0 ? output : ''
  console.log(
    [failed === 0 ? 'ok    ' : 'FAILED', name.padEnd(26), seconds(begun), tests, remark].join(' ').trimEnd(),
  )
  if (failed > 0) console.log(output.trimEnd().replace(/^/gm, '    '))
}

/** @param {number} from */
function seconds(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`.padStart(7)
}
