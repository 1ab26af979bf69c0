import { fileURLToPath } from 'node:url'
import { StigmergyError } from 'stigmergy'
import type { Desk } from './desk.js'
import { remedies } from './remedies.js'
import { UsageError } from './usage.js'

/** Causes of causes that are told. */
const deepest = 10

/** Tells what went wrong and what to do about it. Stacks are for those who ask for them. */
export function tellFailure(desk: Desk, error: unknown): void {
  if (desk.json) desk.tell(JSON.stringify({ error: failureData(error) }))
  else for (const line of failureLines(error, desk.verbose)) desk.tell(line)
}

/** The error as data, with its causes. */
export function failureData(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, cause } = error
  const coded = StigmergyError.is(error)
    ? { code: error.code, remedy: remedies[error.code], details: error.details }
    : {}
  const caused = cause === undefined || depth === deepest ? {} : { cause: failureData(cause, depth + 1) }
  return { name, message, ...coded, ...caused }
}

/** The error for people. */
export function failureLines(error: unknown, verbose: boolean): readonly string[] {
  const lines = [headOf(error)]
  if (error instanceof UsageError) return [`error: ${error.message}`]
  if (StigmergyError.is(error)) lines.push(`  remedy: ${remedies[error.code]}`)
  else if (!verbose) lines.push(...whereOf(error))
  if (verbose) lines.push(...causesOf(error))
  else if (hasCause(error)) lines.push('  --verbose shows the cause')
  return lines
}

function headOf(error: unknown): string {
  if (!(error instanceof Error)) return `Error: ${String(error)}`
  return `${StigmergyError.is(error) ? error.code : error.name}: ${error.message}`
}

function hasCause(error: unknown): boolean {
  return error instanceof Error && error.cause !== undefined
}

/** An error with a code says all in its message; of others the stack is told, too. */
function causesOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error)) return []
  const stack = StigmergyError.is(error) ? [] : framesOf(error).map((frame) => `    ${frame}`)
  if (error.cause === undefined || depth === deepest) return stack
  return [...stack, `  caused by ${headOf(error.cause)}`, ...causesOf(error.cause, depth + 1)]
}

/** The line of the user's code that threw. */
function whereOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const frame = framesOf(error).find((each) => each.includes('file:') || each.includes('/'))
  return frame === undefined || frame.includes('node_modules') ? [] : [`  ${frame}`]
}

function framesOf({ stack = '' }: Error): readonly string[] {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return frames.map((frame) => frame.trim().replaceAll(/file:\/\/[^\s):]+/g, asPath))
}

function asPath(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    return url
  }
}
