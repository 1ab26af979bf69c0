import { connect, type Socket } from 'node:net'
import { sharedNow } from '../../shared-clock.js'
import { frameOf } from './frames.js'

/** Reads blocks of bytes, each behind its length and the time when it was sent, and answers how long each took. */
class BlockReader {
  readonly #header = Buffer.alloc(16)
  #headerHeld = 0
  #block = new Uint8Array(0)
  #held = 0

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      for (let at = 0; at < chunk.length;) at += this.#take(chunk, at)
    })
  }

  /** Takes what belongs together, and returns how many bytes that were. */
  #take(chunk: Buffer, at: number): number {
    if (this.#headerHeld < this.#header.length) return this.#takeHeader(chunk, at)
    const taken = chunk.copy(this.#block, this.#held, at)
    this.#held += taken
    if (this.#held === this.#block.length) this.#answer()
    return taken
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerHeld, at)
    this.#headerHeld += taken
    if (this.#headerHeld < this.#header.length) return taken
    const length = this.#header.readDoubleLE(8)
    if (this.#block.length !== length) this.#block = new Uint8Array(length)
    this.#held = 0
    return taken
  }

  #answer(): void {
    this.#headerHeld = 0
    const last = this.#block.at(-1)
    const lap = sharedNow() - this.#header.readDoubleLE(0)
    if (last === 1) this.socket.write(frameOf(lap))
  }
}

new BlockReader(connect(process.argv[2] ?? ''))
process.on('disconnect', () => process.exit())
