import { CommandFailed, runTool } from './command.mjs'

/**
 * @typedef {object} TestCounts
 * @property {number} passed
 * @property {number} failed
 * @property {string} output what there is to read about failures
 */

/**
 * Runs the whole suite and counts its tests. AVA's TAP output would be easier to count, but its reporter
 * crashes, and takes the run with it, when a test calls `process.exit`.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<TestCounts>}
 */
export async function runSuite(env) {
  try {
    return { ...countTests(await runTool('ava', [], { env })), output: '' }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const counts = countTests(error.output)
    return { ...counts, failed: Math.max(counts.failed, 1) }
  }
}

/**
 * Skipped tests, tests to do and expected failures count as neither.
 * @param {string} report of AVA's default reporter
 * @returns {TestCounts}
 */
export function countTests(report) {
  const counts = { passed: 0, failed: 0 }
  const rest = report.split('\n').filter((line) => {
    const [, mark] = /^ {2}([✔√✘×-]) /.exec(line) ?? []
    if (mark === undefined) return true
    const failed = mark === '✘' || mark === '×'
    if (failed) counts.failed += 1
    else if (mark !== '-' && !line.includes(' [expected fail] ')) counts.passed += 1
    return failed
  })
  return { ...counts, output: rest.join('\n') }
}
