import type { ValueExchange, ValuePortOptions } from '@stigmergy/core'
import { MemoryValuePort, type PortNetwork } from './value-port.js'

/** Values go from port to port of one process: of every exchange that this one call has made, and of no other. */
export class MemoryValueExchange implements ValueExchange {
  readonly name = 'memory'
  readonly #ports: PortNetwork = new Map()
  #opened = 0

  async open(options: ValuePortOptions): Promise<MemoryValuePort> {
    this.#opened += 1
    return new MemoryValuePort(`memory:${this.#opened}`, this.#ports, options)
  }
}
