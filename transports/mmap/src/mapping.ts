import { StigmergyError } from '@stigmergy/core'
import { closeSync, constants, fstatSync, openSync, rmSync } from 'node:fs'
import { detaching, type Detach, type Detaching } from './detach.js'
import { callsOf, failed, systemOf, type Calls, type Koffi, type ProcessorCalls } from './system-calls.js'
import { SystemError } from './system-error.js'

/**
 * A file that is mapped as a whole, shared with everyone who maps it. The memory stays mapped until `unmap`, also when nothing
 * refers to this object any more.
 */
export interface MappedFile {
  readonly path: string
  /** All of the file. Detached by `unmap`: what was made of it has no bytes from then on. */
  readonly buffer: ArrayBuffer
  /** A part of the file as a buffer of its own, which `detach` can take away without touching other views. */
  view(offset: number, bytes: number): ArrayBuffer
  /** Detaches a buffer that `view` gave; what it returns is as if `view` had just given it. */
  renew(buffer: ArrayBuffer, offset: number): ArrayBuffer
  /** Gives the pages of a part back to the machine, for everyone: they read as zeros. A part is whole pages. May do nothing. */
  discard(offset: number, bytes: number): void
  /** Does nothing the second time. Buffers that `view` gave must have been detached: reading one ends the process from now on. */
  unmap(): void
}

/** What the operating system does for this package. */
export interface Mapping {
  /** Makes a file of `bytes` zeros, mode 0600, with room for all of them. `ENOSPC` when there is none, `EEXIST` when it exists. */
  create(path: string, bytes: number): MappedFile
  /** Maps a file that exists. Follows no link. `check` gets its size and its owner first, and throws when it must not be mapped. */
  open(path: string, check?: (file: { readonly bytes: number; readonly uid: number }) => void): MappedFile
  /** Takes the bytes away from a buffer: its views have length 0, and reading them gives nothing. */
  readonly detach: Detach
  /**
   * Makes a FIFO, mode 0600, and opens it for reading and writing, without blocking. Node.js does not know the descriptor: what
   * `node:fs` opens in a thread is closed when the thread ends, also when a stream has closed it before, and the number is another file's.
   */
  openFifo(path: string): number
  /** Lets another thread run on this processor, if one is waiting for it. */
  yield(): void
  /** Where the calling thread runs; undefined where the system does not say. */
  readonly processors: ProcessorCalls | undefined
  /** Ends this process at once when the thread that has started it ends, also while it computes. Does nothing on macOS. */
  endWithParent(): void
}

/** Loads koffi. Throws `STG_NODE_UNAVAILABLE` where there is none, and where this package does not know the operating system. */
export async function loadMapping(): Promise<Mapping> {
  const system = systemOf(process.platform)
  if (system === undefined)
    throw unavailable(`This package maps files on Linux and macOS, not on ${process.platform}.`)
  const means = detaching()
  if (means === undefined)
    throw unavailable('This version of Node.js cannot take mapped memory back from readers.')
  const koffi = await importKoffi()
  return new SystemMapping(koffi, callsOf(koffi, system), means)
}

/** A larger buffer ends the process on Node.js 20. */
const largestMapping = 2 ** 33 - 2 ** 12

class SystemMapping implements Mapping {
  readonly #calls: Calls
  readonly detach: Detach

  constructor(
    private readonly koffi: Koffi,
    calls: Calls,
    private readonly detaching: Detaching,
  ) {
    this.#calls = calls
    this.detach = detaching.detach
  }

  create(path: string, bytes: number): MappedFile {
    const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants
    const fd = openSync(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600)
    try {
      this.#calls.allocate(fd, bytes, path)
      return this.#map(fd, bytes, path)
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    } finally {
      closeSync(fd)
    }
  }

  open(path: string, check?: (file: { bytes: number; uid: number }) => void): MappedFile {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile()) throw new SystemError('EINVAL', 'mmap', path)
      check?.({ bytes: stat.size, uid: stat.uid })
      return this.#map(fd, stat.size, path)
    } finally {
      closeSync(fd)
    }
  }

  yield(): void {
    this.#calls.yield()
  }

  get processors(): ProcessorCalls | undefined {
    return this.#calls.processors
  }

  endWithParent(): void {
    this.#calls.endWithParent()
  }

  openFifo(path: string): number {
    if (this.#calls.mkfifo(path, 0o600) !== 0) throw this.#calls.error('mkfifo', path)
    const fd = this.#calls.openPrivately(path, constants.O_RDWR | constants.O_NONBLOCK)
    if (fd < 0) throw this.#calls.error('open', path)
    return fd
  }

  #map(fd: number, bytes: number, path: string): MappedFile {
    if (bytes < 1 || bytes > largestMapping) throw new SystemError('EINVAL', 'mmap', path)
    const address = this.#calls.share(fd, bytes)
    if (address === failed) throw this.#calls.error('mmap', path)
    return new SystemMappedFile(path, bytes, address, {
      koffi: this.koffi,
      calls: this.#calls,
      detaching: this.detaching,
    })
  }
}

interface Tools {
  readonly koffi: Koffi
  readonly calls: Calls
  readonly detaching: Detaching
}

class SystemMappedFile implements MappedFile {
  readonly buffer: ArrayBuffer
  #mapped = true

  constructor(
    readonly path: string,
    private readonly bytes: number,
    private readonly address: bigint,
    private readonly tools: Tools,
  ) {
    this.buffer = tools.koffi.view(address, bytes)
  }

  view(offset: number, bytes: number): ArrayBuffer {
    if (!this.#mapped || offset < 0 || bytes < 0 || !(offset + bytes <= this.bytes))
      throw new RangeError(`${bytes} bytes at ${offset} are not in a mapping of ${this.bytes} bytes.`)
    return this.tools.koffi.view(this.address + BigInt(offset), bytes)
  }

  renew(buffer: ArrayBuffer, offset: number): ArrayBuffer {
    const { koffi, detaching } = this.tools
    const { byteLength } = buffer
    const moved = detaching.move(buffer)
    return koffi.address(moved) === this.address + BigInt(offset) ? moved : this.view(offset, byteLength)
  }

  discard(offset: number, bytes: number): void {
    if (this.#mapped && bytes > 0) this.tools.calls.discard(this.address + BigInt(offset), bytes)
  }

  unmap(): void {
    if (!this.#mapped) return
    this.#mapped = false
    // Reading what is not mapped ends the process, so nobody keeps a buffer that could.
    this.tools.detaching.detach(this.buffer)
    this.tools.calls.munmap(this.address, this.bytes)
  }
}

async function importKoffi(): Promise<Koffi> {
  try {
    return (await import('koffi')).default
  } catch (cause) {
    throw unavailable('Mapped files need koffi: npm install koffi.', cause)
  }
}

function unavailable(message: string, cause?: unknown): StigmergyError {
  return new StigmergyError('STG_NODE_UNAVAILABLE', message, cause === undefined ? {} : { cause })
}
