import { createReadStream } from 'node:fs'
import { StigmergyError, type RuntimeEvent } from 'stigmergy'
import { unusable } from '../import-file.js'
import { flawOfEvent, flawOfHead } from './form.js'
import type { LogHead } from './event-log.js'

/** A log that is read from its beginning, a piece at a time. */
export interface OpenLog {
  readonly head: LogHead
  readonly events: AsyncIterable<RuntimeEvent>
}

/**
 * Opens what `run --log` has written. Rejects with `STG_CONFIG_FILE`, as reading on does; of a line that is not right,
 * `details.line` is the number. A line is given up at `longestLine` characters; a firing of half a million objects has fewer.
 */
export async function openLog(path: string, longestLine = 2 ** 27): Promise<OpenLog> {
  const lines = linesOf(path, longestLine)
  const first = await lines.next()
  if (first.done === true)
    throw badLine(path, 1, 'is missing: the file is empty, and stigmergy run --log writes logs')
  const head = parsed(
    path,
    first.value,
    flawOfHead,
    'a log begins with what stigmergy run --log writes first',
  )
  return { head: head as LogHead, events: eventsOf(path, lines) }
}

/** Hands each event on, to the end or to the first line that cannot be read; gives the error of that line. */
export async function takeAll(
  { events }: OpenLog,
  take: (event: RuntimeEvent) => void | Promise<void>,
): Promise<StigmergyError | undefined> {
  const reading = events[Symbol.asyncIterator]()
  for (;;) {
    const next = await reading.next().catch((error: unknown) => {
      if (StigmergyError.is(error)) return error
      throw error
    })
    if (next instanceof Error) return next
    if (next.done === true) return undefined
    await take(next.value)
  }
}

interface Line {
  readonly number: number
  readonly text: string
  /** Whether the file ends in the middle of it. */
  readonly isCut: boolean
}

async function* eventsOf(path: string, lines: AsyncIterable<Line>): AsyncGenerator<RuntimeEvent, void> {
  for await (const line of lines) yield parsed(path, line, flawOfEvent, 'it is no event') as RuntimeEvent
}

async function* linesOf(path: string, longest: number): AsyncGenerator<Line, void> {
  let number = 1
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
      const [first = '', ...others] = chunk.split('\n')
      rest += first
      for (const next of others) {
        yield { number, text: rest, isCut: false }
        number += 1
        rest = next
      }
      if (rest.length > longest) throw badLine(path, number, 'has no end: this is no event log')
    }
  } catch (cause) {
    if (StigmergyError.is(cause)) throw cause
    throw unusable(`The log ${path} cannot be read: ${(cause as Error).message}`, path, cause)
  }
  if (rest !== '') yield { number, text: rest, isCut: true }
}

function parsed(
  path: string,
  { number, text, isCut }: Line,
  flawOf: (value: unknown) => string | undefined,
  expected: string,
): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const why = isCut ? 'the log was cut off there' : expected
    throw badLine(path, number, `is no JSON: ${why}`, cause)
  }
  const flaw = flawOf(value)
  if (flaw !== undefined) throw badLine(path, number, `is not right: ${expected}, ${flaw}`)
  return value
}

function badLine(path: string, line: number, why: string, cause?: unknown): StigmergyError {
  return new StigmergyError('STG_CONFIG_FILE', `Line ${line} of ${path} ${why}.`, {
    details: { path, line },
    ...(cause === undefined ? {} : { cause }),
  })
}
