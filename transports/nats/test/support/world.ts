import type { NatsServer } from '@stigmergy-test/nats-server'
import type { TransportWorld } from '@stigmergy/conformance'
import type { ClusterMember } from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { nats, type NatsOptions } from '../../src/index.js'

/** A name for a cluster that nobody else has. */
export function newCluster(): string {
  return `test-${randomBytes(6).toString('hex')}`
}

/** Members of a cluster of their own. */
export async function joinAll(
  server: NatsServer,
  count: number,
  options: Partial<NatsOptions> = {},
): Promise<ClusterMember[]> {
  const exchange = nats({ servers: server.url, ...options })
  const cluster = newCluster()
  const members: ClusterMember[] = []
  for (let joined = 0; joined < count; joined += 1) members.push(await exchange.join({ cluster }))
  return members
}

/** A world for the laws of transports, and the members that it is made of. */
export interface NatsWorld extends TransportWorld {
  readonly members: readonly ClusterMember[]
}

export async function createWorld(server: NatsServer, count: number): Promise<NatsWorld> {
  const members = await joinAll(server, count)
  const [first, ...others] = members.map(({ transport }) => transport)
  if (first === undefined) throw new Error('A world has a member.')
  return {
    members,
    transports: [first, ...others],
    dispose: async () => {
      for (const member of members) await member.close()
    },
  }
}
