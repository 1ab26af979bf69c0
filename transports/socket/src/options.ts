import { StigmergyError } from '@stigmergy/core'

export interface SocketOptions {
  /** Where the node's private directory is made, which holds the socket. Default: the system's for temporary files. */
  readonly directory?: string
  /** The largest frame, in bytes; at most 2 GiB less 1 KiB. Default 1 GiB. */
  readonly maxFrameBytes?: number
  /** Frames that may be under way from one endpoint to another. Default 1,024. */
  readonly maxQueuedFrames?: number
  /** Bytes that may be under way from one endpoint to another; at most 2 GiB. Default 8 MiB. */
  readonly maxQueuedBytes?: number
  /** What the values of one member may take, in bytes. Default 1 GiB. */
  readonly limitBytes?: number
  /** How long a put waits for room, in ms. Default 10,000. */
  readonly waitMs?: number
}

/** What bounds the frames from one endpoint to another. */
export interface FrameLimits {
  readonly maxFrameBytes: number
  readonly maxQueuedFrames: number
  readonly maxQueuedBytes: number
}

/** What bounds the store of a member. */
export interface StoreLimits {
  readonly limitBytes: number
  readonly waitMs: number
}

/** Options that have been checked. */
export interface Settings {
  readonly directory: string | undefined
  readonly frames: FrameLimits
  readonly store: StoreLimits
}

const whole = {
  maxFrameBytes: { usual: 2 ** 30, least: 1, most: 2 ** 31 - 2 ** 10 },
  maxQueuedFrames: { usual: 1_024, least: 1, most: 2 ** 31 },
  maxQueuedBytes: { usual: 2 ** 23, least: 1, most: 2 ** 31 },
  limitBytes: { usual: 2 ** 30, least: 0, most: Number.MAX_SAFE_INTEGER },
  waitMs: { usual: 10_000, least: 0, most: Number.MAX_SAFE_INTEGER },
} as const

/** Throws `STG_CONFIG_INVALID`, which names the option and says what it may be. */
export function settingsOf(options: SocketOptions = {}): Settings {
  checkNames(options)
  const { directory } = options
  if (directory !== undefined && (typeof directory !== 'string' || directory === ''))
    throw invalid('directory', directory, 'give the path of a directory, or leave it out')
  const number = (name: keyof typeof whole): number => numberOf(name, options[name])
  return {
    directory,
    frames: {
      maxFrameBytes: number('maxFrameBytes'),
      maxQueuedFrames: number('maxQueuedFrames'),
      maxQueuedBytes: number('maxQueuedBytes'),
    },
    store: { limitBytes: number('limitBytes'), waitMs: number('waitMs') },
  }
}

function checkNames(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw invalid('socket', options, 'give an object of options, or nothing')
  const names = ['directory', ...Object.keys(whole)]
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw invalid(name, 'given', `there are only ${names.join(', ')}`)
}

function numberOf(name: keyof typeof whole, given: number | undefined): number {
  const { usual, least, most } = whole[name]
  const value = given ?? usual
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw invalid(name, value, `give a whole number from ${least} to ${most}`)
}

function invalid(name: string, value: unknown, remedy: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_INVALID', `The option ${name} is ${String(value)}; ${remedy}.`, {
    details: { name, value: typeof value === 'number' ? value : String(value) },
  })
}
