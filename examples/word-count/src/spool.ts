import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A file of text. */
export interface TextFile {
  readonly path: string
  readonly bytes: number
}

/** A folder for what has to become a file before it can be read in parts. Disposing it removes the folder. */
export class Spool implements AsyncDisposable {
  #folder: Promise<string> | undefined
  #files = 0

  constructor(private readonly signal: AbortSignal) {}

  /** Copies a stream to a file. It is opened when somebody listens: one that fails before that would end the process. */
  async keep(open: () => Readable): Promise<TextFile> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'word-count-'))
    const path = join(await this.#folder, String(this.#files++))
    const file = createWriteStream(path)
    await pipeline(open(), file, { signal: this.signal })
    return { path, bytes: file.bytesWritten }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true })
  }
}
