import { StigmergyError, SystemClock, type Clock } from '@stigmergy/core'
import { isAnyHost, parseAddress } from './address.js'

export interface TcpOptions {
  /** Where to listen. Default 127.0.0.1, so that only this machine gets in. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  /** By which address others reach it: `host` or `host:port`. Default: as it listens. Needed when it listens everywhere. */
  readonly advertise?: string
  /** A value is sent, checked and taken up again by chunks of this size, in bytes: 4 KiB to 16 MiB. Default 512 KiB. */
  readonly chunkBytes?: number
  readonly timeouts?: TcpTimeouts
  readonly limits?: TcpLimits
  /** Default: the clock of the system. */
  readonly clock?: Clock
}

export interface TcpTimeouts {
  /** From a connection to mutual recognition, in ms. Default 5,000. */
  readonly handshakeMs?: number
  /** For so long a lender may say nothing while something is being fetched from it, in ms; then it is called again. Default 10,000. */
  readonly silenceMs?: number
  /** For so long a fetch tries to get through to the lender before it fails with `STG_OBJECT_LOST`, in ms. Default 30,000. */
  readonly giveUpMs?: number
}

export interface TcpLimits {
  /** Connections that have not shown yet that they know the secret; the oldest makes room for the next. Default 64. */
  readonly strangers?: number
  /** Values that are lent; the next `lend` is `STG_STORE_FULL`. Default 1,000,000. */
  readonly lent?: number
  /** Values that are fetched at a time; the next `fetch` is `STG_STORE_FULL`. Default 10,000. */
  readonly receiving?: number
  /** Bytes of one value that may be under way; at least one chunk of its lender is. Default 8 MiB. */
  readonly windowBytes?: number
  /** Bytes of values that arrive outside of the store, until they are put; further ones wait. One may be larger. Default 256 MiB. */
  readonly arrivingBytes?: number
  /** Encoded bytes of lent values that are kept, so that they need not be encoded again. Default 64 MiB. */
  readonly encodedBytes?: number
}

/** Options that have been checked. */
export interface Settings {
  readonly host: string
  readonly port: number
  readonly advertise: string | undefined
  readonly chunkBytes: number
  readonly timeouts: Required<TcpTimeouts>
  readonly limits: Required<TcpLimits>
  readonly clock: Clock
}

/** The largest chunk that anyone sends. */
export const mostChunkBytes = 2 ** 24
/** As many values a node fetches at most from all others, and so no more from one. */
export const mostReceiving = 2 ** 16

const names = ['host', 'port', 'advertise', 'chunkBytes', 'timeouts', 'limits', 'clock']
const mostMs = 2 ** 31 - 1
const ms = { least: 1, most: mostMs }
const bytes = { least: 0, most: Number.MAX_SAFE_INTEGER }

const timeouts = {
  handshakeMs: { usual: 5_000, ...ms },
  silenceMs: { usual: 10_000, ...ms },
  giveUpMs: { usual: 30_000, ...ms },
}

const limits = {
  strangers: { usual: 64, least: 1, most: 2 ** 16 },
  lent: { usual: 1_000_000, least: 1, most: Number.MAX_SAFE_INTEGER },
  receiving: { usual: 10_000, least: 1, most: mostReceiving },
  windowBytes: { usual: 2 ** 23, ...bytes },
  arrivingBytes: { usual: 2 ** 28, ...bytes },
  encodedBytes: { usual: 2 ** 26, ...bytes },
}

interface Range {
  readonly usual: number
  readonly least: number
  readonly most: number
}

/** Throws `STG_CONFIG_INVALID`, which names the option and says what it may be. */
export function settingsOf(options: TcpOptions = {}): Settings {
  checkNames('tcp', options, names)
  const { host = '127.0.0.1', advertise, clock } = options
  if (typeof host !== 'string' || host === '') throw invalid('host', host, 'give a name or an IP address')
  checkAdvertised(host, advertise)
  return {
    host,
    port: numberIn('port', options.port, { usual: 0, least: 0, most: 65_535 }),
    advertise,
    chunkBytes: numberIn('chunkBytes', options.chunkBytes, {
      usual: 2 ** 19,
      least: 2 ** 12,
      most: mostChunkBytes,
    }),
    timeouts: numbersIn('timeouts', options.timeouts, timeouts),
    limits: numbersIn('limits', options.limits, limits),
    clock: clock ?? new SystemClock(),
  }
}

function checkAdvertised(host: string, advertise: unknown): void {
  if (advertise === undefined) {
    if (isAnyHost(host))
      throw invalid('advertise', advertise, `say by which address others reach what listens on ${host}`)
    return
  }
  if (typeof advertise !== 'string' || parseAddress(advertise, 1) === undefined)
    throw invalid('advertise', advertise, 'give a host, or host:port')
}

function numbersIn<Name extends string>(
  field: string,
  given: Partial<Record<Name, number>> | undefined,
  ranges: Readonly<Record<Name, Range>>,
): Record<Name, number> {
  const known = Object.keys(ranges) as Name[]
  if (given !== undefined) checkNames(field, given, known)
  const entries = known.map((name) => [name, numberIn(`${field}.${name}`, given?.[name], ranges[name])])
  return Object.fromEntries(entries) as Record<Name, number>
}

function numberIn(name: string, given: number | undefined, { usual, least, most }: Range): number {
  const value = given ?? usual
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw invalid(name, value, `give a whole number from ${least} to ${most}`)
}

function checkNames(field: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw invalid(field, given, 'give an object, or nothing')
  for (const name of Object.keys(given))
    if (!known.includes(name)) throw invalid(name, 'given', `${field} has only ${known.join(', ')}`)
}

function invalid(name: string, value: unknown, remedy: string): StigmergyError {
  return new StigmergyError('STG_CONFIG_INVALID', `The option ${name} is ${String(value)}; ${remedy}.`, {
    details: { name, value: typeof value === 'number' ? value : String(value) },
  })
}
