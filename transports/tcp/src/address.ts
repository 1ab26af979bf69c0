import { isIPv6 } from 'node:net'

/** Where a node listens, as others are told. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Longer ones are not read, in UTF-8 bytes. */
export const longestAddressBytes = 300

/** Reads `host:port`, also `[::1]:80`, or a host alone, whose port is then `port`; undefined when it is neither. */
export function parseAddress(text: string, port?: number): Address | undefined {
  if (Buffer.byteLength(text) > longestAddressBytes) return undefined
  if (port !== undefined && isIPv6(text)) return { host: text, port }
  const [, bracketed, named, digits] = /^(?:\[([^\]\s]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? named
  const read = digits === undefined ? port : Number(digits)
  if (host === undefined || read === undefined || read < 1 || read > 65_535) return undefined
  return { host, port: read }
}

export function formatAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether it stands for all addresses of the machine, and so for none that others could call. */
export function isAnyHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
