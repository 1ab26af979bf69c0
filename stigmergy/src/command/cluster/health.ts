import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InvalidArgumentError } from 'commander'
import { StigmergyError } from 'stigmergy'
import type { Member } from './member.js'

/** Where the health of a member is asked for. */
export interface HealthAddress {
  readonly host: string
  readonly port: number
}

/** Reads `[host:]port`; without a host only this machine can ask. */
export function healthAddress(text: string): HealthAddress {
  const [, brackets, name, digits = ''] = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535)
    throw new InvalidArgumentError('It must be a port, or host:port, such as 8080 or 0.0.0.0:8080.')
  return { host: brackets ?? name ?? '127.0.0.1', port }
}

/**
 * Tells those who operate a member how it is: `/healthz`, that its event loop turns, by answering at all; `/readyz`, with 503 instead of 200 when not, that it
 * acts for the cluster.
 */
export class HealthServer implements AsyncDisposable {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** Rejects with `STG_CONFIG_INVALID` when it cannot listen there. */
  static async listen({ host, port }: HealthAddress, member: Member): Promise<HealthServer> {
    const server = createServer(({ url = '', method }, response) => {
      const [path] = url.split('?')
      if (method !== 'GET' && method !== 'HEAD')
        return answer(response, 405, { error: 'only GET is answered' })
      if (path === '/healthz') return answer(response, 200, { alive: true, name: member.name })
      if (path !== '/readyz') return answer(response, 404, { error: 'there are /healthz and /readyz' })
      const { state, ...rest } = member.status
      answer(response, state === 'ready' ? 200 : 503, { ready: state === 'ready', state, ...rest })
    })
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new StigmergyError(
        'STG_CONFIG_INVALID',
        `--health: nobody can listen at ${host}:${port} (${(cause as Error).message}); name another address.`,
        { cause, details: { what: 'the call', field: 'health' } },
      )
    }
    return new HealthServer(server)
  }

  /** Such as `http://127.0.0.1:8080`. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

function answer(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}
