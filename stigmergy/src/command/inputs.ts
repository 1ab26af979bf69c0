import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { unusable } from './import-file.js'
import { UsageError } from './usage.js'

export const inputArgument =
  'what the function is run with, each in a session of its own: JSON, @file with JSON (.jsonl, .ndjson: one a line), or - for lines of the standard input'

export interface InputSettings {
  /** Takes texts as they are instead of reading JSON. */
  readonly asText: boolean
  readonly stdin: Readable
  /** Ends the reading of lines. */
  readonly signal: AbortSignal
}

/** The values that inputs stand for, read one after the other. Without inputs there is one: undefined. */
export async function* valuesOf(
  inputs: readonly string[],
  settings: InputSettings,
): AsyncGenerator<unknown, void> {
  if (inputs.length === 0) yield undefined
  for (const input of inputs)
    if (input === '-') yield* linesOf(settings.stdin, 'standard input', settings)
    else if (input.startsWith('@')) yield* fileOf(input.slice(1), settings)
    else yield valueOf(input, `The input ${input}`, settings)
}

async function* fileOf(path: string, settings: InputSettings): AsyncGenerator<unknown, void> {
  if (/\.(jsonl|ndjson)$/.test(path)) return yield* linesOf(createReadStream(path), path, settings)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw unusable(`The input file ${path} cannot be read: ${(cause as Error).message}`, path, cause)
  }
  yield valueOf(text, path, settings)
}

/** Empty lines are none. */
async function* linesOf(
  input: Readable,
  name: string,
  settings: InputSettings,
): AsyncGenerator<unknown, void> {
  const failed = new Promise<never>((_resolve, reject) => input.once('error', reject))
  failed.catch(() => undefined)
  const lines = createInterface({ input, crlfDelay: Infinity, signal: settings.signal })
  const next = lines[Symbol.asyncIterator]()
  for (let number = 1; ; number += 1) {
    const line = await Promise.race([next.next() as Promise<IteratorResult<string, undefined>>, failed])
    if (line.done === true) return
    if (line.value.trim() !== '') yield valueOf(line.value, `Line ${number} of ${name}`, settings)
  }
}

function valueOf(text: string, what: string, { asText }: InputSettings): unknown {
  if (asText) return text
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(
      `${what} is no JSON: ${(cause as Error).message}. A text is written as '"text"', or use --text.`,
    )
  }
}
