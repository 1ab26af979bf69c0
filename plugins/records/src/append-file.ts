import { closeSync, openSync, fstatSync, writeSync, writev } from 'node:fs'
import { promisify } from 'node:util'

const writeMany = promisify(writev)

/** A file that is written from a place on by one task at a time. It is opened when something is written. */
export class AppendFile implements Disposable {
  #fd: number | undefined
  #at = 0

  constructor(
    readonly path: string,
    /** `w`: a new file; `a`: behind what is there; a number: from that place of a file that is there. */
    private readonly from: 'w' | 'a' | number,
  ) {}

  /** Of the file, which must be open. */
  get fd(): number {
    return this.#fd!
  }

  /** Creates the file also if nothing is written. Returns where the next bytes go. */
  open(): number {
    if (this.#fd !== undefined) return this.#at
    this.#fd = openSync(this.path, this.from === 'w' ? 'w+' : this.from === 'a' ? 'a' : 'r+')
    this.#at = this.from === 'w' ? 0 : this.from === 'a' ? fstatSync(this.#fd).size : this.from
    return this.#at
  }

  /** For what does not fit into memory while nobody can wait. Returns where it is. */
  writeNow(bytes: Uint8Array): number {
    const start = this.open()
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#fd!, bytes, done, bytes.length - done, start + done)
    this.#at += bytes.length
    return start
  }

  /** Writes one behind the other. Returns where the first one is. */
  async write(parts: readonly Buffer[]): Promise<number> {
    const start = this.open()
    const filled = parts.filter(({ length }) => length > 0)
    const total = filled.reduce((sum, { length }) => sum + length, 0)
    this.#at += total
    if (total === 0) return start
    const { bytesWritten } = await writeMany(this.#fd!, filled, start)
    if (bytesWritten < total) {
      this.#at = start + bytesWritten
      this.writeNow(Buffer.concat(filled).subarray(bytesWritten))
    }
    return start
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }
}
