import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Ends of a command, as its exit code. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

/** A stream of text, of a terminal or not. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** What a command writes to: results go to stdout, all that is about them to stderr. */
export class Desk {
  /** Results and errors are JSON, one value a line. */
  json = false
  /** Errors show what caused them. */
  verbose = false
  exitCode: number = exitCodes.ok
  readonly #results: TextStream
  readonly #remarks: TextStream
  #progress = ''

  constructor(results: TextStream, remarks: TextStream) {
    this.#results = results
    this.#remarks = remarks
    results.on('error', endQuietly)
  }

  /** Whether somebody looks at what happens, rather than a file. */
  get isWatched(): boolean {
    return this.#remarks.isTTY === true
  }

  /** A result as text, or as one line of JSON where that is asked for. Resolves when there is room for more. */
  async result(text: string, data: unknown): Promise<void> {
    this.#clear()
    const line = this.json ? JSON.stringify(data, plainJson) : text
    if (!this.#results.write(`${line}\n`)) await once(this.#results, 'drain')
    this.#show()
  }

  /** Text that was asked for and is no result, such as a help. */
  print(text: string): void {
    this.#results.write(text)
  }

  /** Tells people something. */
  tell(text: string): void {
    this.#clear()
    this.#remarks.write(`${text}\n`)
    this.#show()
  }

  /** How far it is: one line that changes on a terminal, nothing elsewhere. Empty: no such line any more. */
  progress(text: string): void {
    if (!this.isWatched) return
    this.#clear()
    this.#progress = text.slice(0, (this.#remarks.columns ?? 80) - 1)
    this.#show()
  }

  /** Remembers that something went wrong. */
  failed(): void {
    this.exitCode = exitCodes.failed
  }

  /** Resolves when everything is written. */
  async flushed(): Promise<void> {
    this.progress('')
    for (const stream of [this.#results, this.#remarks])
      await new Promise<void>((resolve) => stream.write('', () => resolve()))
  }

  #clear(): void {
    if (this.#progress !== '') this.#remarks.write('\r\u001B[2K')
  }

  #show(): void {
    if (this.#progress !== '') this.#remarks.write(this.#progress)
  }
}

/** What JSON has no word for, as text. */
export function plainJson(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return [...(value as Iterable<unknown>)]
  if (value instanceof Set) return [...(value as Iterable<unknown>)]
  return value
}

/** A reader that has seen enough, such as `head`, is no failure. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}
