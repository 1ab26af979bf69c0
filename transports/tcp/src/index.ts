import type { ValueExchange, ValuePortOptions } from '@stigmergy/core'
import { settingsOf, type TcpOptions } from './options.js'
import { openPort, type TcpValuePort } from './port.js'

export type { TcpLimits, TcpOptions, TcpTimeouts } from './options.js'
export type { TcpValuePort } from './port.js'

/** What `tcp` gives. */
export interface TcpValues extends ValueExchange {
  open(options: ValuePortOptions): Promise<TcpValuePort>
}

/** Values travel between nodes over TCP, one connection for each pair. Each `open` listens on a port of its own. */
export function tcp(options?: TcpOptions): TcpValues {
  const settings = settingsOf(options)
  return { name: 'tcp', open: (port) => openPort(settings, port) }
}
