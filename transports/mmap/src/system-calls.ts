import type koffi from 'koffi'
import { ftruncateSync, writeSync } from 'node:fs'
import { SystemError } from './system-error.js'

/** What there is in koffi. Only this file and `mapping.ts` know that there is such a thing. */
export type Koffi = typeof koffi

/** The constants that differ between systems. */
export interface System {
  readonly canEndWithParent: boolean
  readonly hasAffinity: boolean
  /** The advice of `madvise` that frees the pages of a shared mapping. */
  readonly remove: number | undefined
  readonly canAllocate: boolean
  /** The flag of `open` that keeps a descriptor from programs that are started. */
  readonly closeOnExec: number
}

/** What this package knows of a system, if it does. */
export function systemOf(platform: NodeJS.Platform): System | undefined {
  return systems[platform]
}

const systems: Partial<Record<NodeJS.Platform, System>> = {
  linux: { remove: 9, canAllocate: true, canEndWithParent: true, hasAffinity: true, closeOnExec: 0x80000 },
  darwin: {
    remove: undefined,
    canAllocate: false,
    canEndWithParent: false,
    hasAffinity: false,
    closeOnExec: 0x1000000,
  },
}

const readable = 1
const writable = 2
const shared = 1
/** `prctl`: the signal that a process gets when its parent ends. */
const setParentDeathSignal = 1
const kill = 9
/** What `mmap` returns when it fails. */
export const failed = 2n ** 64n - 1n
/** System calls with types. */
export interface Calls {
  /** Maps a file from its start, to be read and written by everyone. Returns `failed` when it fails. */
  share(fd: number, bytes: number): bigint
  munmap(address: bigint, bytes: number): number
  mkfifo(path: string, mode: number): number
  /** Opens a file that exists, for this program alone. */
  openPrivately(path: string, flags: number): number
  /** Makes the file this large, with room for every byte. */
  allocate(fd: number, bytes: number, path: string): void
  discard(address: bigint, bytes: number): void
  yield(): number
  /** Where the calling thread runs, and how to have it run elsewhere; undefined where the system does not say. */
  readonly processors: ProcessorCalls | undefined
  /** Ends this process when the thread that has started it ends. Does nothing where the system cannot. */
  endWithParent(): void
  /** The error of the last call. */
  error(call: string, path: string): SystemError
}

/** Processors are numbered from 0; masks have a bit for each, the lowest first. */
export interface ProcessorCalls {
  current(): number
  /** Fills `mask` with those that the calling thread may run on; its size in bytes, or -1. */
  allowed(mask: Uint8Array): number
  allow(mask: Uint8Array): number
}

/** The calls of the C library of this process. */
export function callsOf(koffi: Koffi, system: System): Calls {
  const c = koffi.load(null)
  const mmap: Mmap = c.func(
    'void *mmap(void *address, size_t bytes, int access, int flags, int fd, int64_t offset)',
  )
  const fallocate = system.canAllocate ? allocateOf(c) : undefined
  const madvise: (address: bigint, bytes: number, advice: number) => number = c.func(
    'int madvise(void *address, size_t bytes, int advice)',
  )
  const prctl: ((option: number, value: number) => number) | undefined = system.canEndWithParent
    ? c.func('int prctl(int option, unsigned long value)')
    : undefined
  const { remove, closeOnExec } = system
  const open: (path: string, flags: number) => number = c.func('int open(const char *path, int flags)')
  return {
    share: (fd, bytes) => mmap(0n, bytes, readable | writable, shared, fd, 0),
    munmap: c.func('int munmap(void *address, size_t bytes)'),
    yield: c.func('int sched_yield()'),
    mkfifo: c.func('int mkfifo(const char *path, uint32_t mode)'),
    openPrivately: (path, flags) => open(path, flags | closeOnExec),
    allocate: (fd, bytes, path) => allocate(koffi, fallocate, { fd, bytes, path }),
    discard: (address, bytes) => remove !== undefined && madvise(address, bytes, remove),
    processors: system.hasAffinity ? processorCalls(c) : undefined,
    endWithParent: () => void prctl?.(setParentDeathSignal, kill),
    error: (call, path) => new SystemError(nameOf(koffi, koffi.errno()), call, path),
  }
}

function processorCalls(c: ReturnType<Koffi['load']>): ProcessorCalls {
  const get: (thread: number, bytes: number, mask: Uint8Array) => number = c.func(
    'int sched_getaffinity(int thread, size_t bytes, _Out_ uint8_t *mask)',
  )
  const set: (thread: number, bytes: number, mask: Uint8Array) => number = c.func(
    'int sched_setaffinity(int thread, size_t bytes, const uint8_t *mask)',
  )
  return {
    current: c.func('int sched_getcpu()'),
    allowed: (mask) => get(0, mask.length, mask),
    allow: (mask) => set(0, mask.length, mask),
  }
}

/** Returns an address. */
type Mmap = (
  address: bigint,
  bytes: number,
  access: number,
  flags: number,
  fd: number,
  offset: number,
) => bigint

/** Returns the number of an error, or 0. */
type Fallocate = (fd: number, offset: number, bytes: number) => number

function allocateOf(c: ReturnType<Koffi['load']>): Fallocate {
  return c.func('int posix_fallocate(int fd, int64_t offset, int64_t bytes)')
}

interface Room {
  readonly fd: number
  readonly bytes: number
  readonly path: string
}

/** A file that is only as long as it should be ends the process when it is touched on a full disk. So every page is made now. */
function allocate(koffi: Koffi, fallocate: Fallocate | undefined, room: Room): void {
  const { EINTR, EOPNOTSUPP, EINVAL } = koffi.os.errno
  let error = fallocate === undefined ? EOPNOTSUPP : fallocate(room.fd, 0, room.bytes)
  while (error === EINTR && fallocate !== undefined) error = fallocate(room.fd, 0, room.bytes)
  if (error === 0) return
  if (error === EOPNOTSUPP || error === EINVAL) writeZeros(room)
  else throw new SystemError(nameOf(koffi, error ?? 0), 'fallocate', room.path)
}

function writeZeros({ fd, bytes }: Room): void {
  const zeros = new Uint8Array(Math.min(bytes, 2 ** 20))
  let written = 0
  while (written < bytes) written += writeSync(fd, zeros, 0, Math.min(zeros.length, bytes - written), written)
  ftruncateSync(fd, bytes)
}

function nameOf(koffi: Koffi, errno: number): string {
  const found = Object.entries(koffi.os.errno).find(([, number]) => number === errno)
  return found?.[0] ?? `E${errno}`
}
