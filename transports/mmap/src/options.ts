import { StigmergyError } from '@stigmergy/core'
import { largestContent, ringBounds } from './ring-layout.js'

export interface MmapOptions {
  /** Where the node's private directory is made. Default: `/dev/shm` where that is memory with room, else the system's for temporary files. */
  readonly directory?: string
  /** What the values of the node may take, in bytes. Default: half of what is free in the directory, at most 1 GiB. */
  readonly limitBytes?: number
  /** Where values go that find no room in memory, and what they may take there, in bytes. Default: nowhere. */
  readonly spill?: { readonly directory: string; readonly limitBytes: number }
  /** How long a put waits for room, in ms. Default 10,000. */
  readonly waitMs?: number
  /** Size of the ring from one member to another, in bytes: a power of two from 4 KiB to 256 MiB. Default 1 MiB. */
  readonly ringBytes?: number
  /** The largest frame, in bytes; at most half of a ring, less 8. Default: a quarter of a ring. */
  readonly maxFrameBytes?: number
}

/** Options that have been checked. */
export interface Settings {
  readonly directory: string | undefined
  readonly limitBytes: number | undefined
  readonly spill: MmapOptions['spill']
  readonly waitMs: number | undefined
  readonly ringBytes: number
  readonly maxFrameBytes: number
}

const names = ['directory', 'limitBytes', 'spill', 'waitMs', 'ringBytes', 'maxFrameBytes']

/** Throws `STG_CONFIG_INVALID`, which names the option and says what it may be. */
export function settingsOf(options: MmapOptions = {}): Settings {
  checkNames(options)
  const { directory, limitBytes, spill, waitMs, ringBytes = 2 ** 20 } = options
  if (directory !== undefined) checkPath('directory', directory)
  if (!isWhole(ringBytes, ringBounds.least, ringBounds.most) || !Number.isInteger(Math.log2(ringBytes)))
    throw invalid('ringBytes', ringBytes, 'give a power of two from 4096 to 268435456')
  const most = largestContent(ringBytes)
  return {
    directory,
    spill: spill === undefined ? undefined : spillOf(spill),
    ringBytes,
    limitBytes: optional('limitBytes', limitBytes, 1, Number.MAX_SAFE_INTEGER),
    waitMs: optional('waitMs', waitMs, 0, Number.MAX_SAFE_INTEGER),
    maxFrameBytes: required('maxFrameBytes', options.maxFrameBytes ?? ringBytes / 4, 1, most),
  }
}

function checkNames(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw invalid('mmap', options, 'give an object of options, or nothing')
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw invalid(name, 'given', `there are only ${names.join(', ')}`)
}

function spillOf(spill: unknown): MmapOptions['spill'] {
  if (typeof spill !== 'object' || spill === null)
    throw invalid('spill', spill, 'give a directory and limitBytes, or leave it out')
  const { directory, limitBytes } = spill as { directory: string; limitBytes: number }
  checkPath('spill.directory', directory)
  return { directory, limitBytes: required('spill.limitBytes', limitBytes, 1, Number.MAX_SAFE_INTEGER) }
}

function checkPath(name: string, path: unknown): void {
  if (typeof path !== 'string' || path === '')
    throw invalid(name, path, 'give the path of a directory, or leave it out')
}

function optional(name: string, value: number | undefined, least: number, most: number): number | undefined {
  return value === undefined ? undefined : required(name, value, least, most)
}

function required(name: string, value: number, least: number, most: number): number {
  if (isWhole(value, least, most)) return value
  throw invalid(name, value, `give a whole number from ${least} to ${most}`)
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

function invalid(name: string, value: unknown, remedy: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_INVALID', `The option ${name} is ${String(value)}; ${remedy}.`, {
    details: { name, value: typeof value === 'number' ? value : String(value) },
  })
}
