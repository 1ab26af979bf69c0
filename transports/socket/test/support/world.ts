import type { TransportWorld } from '@stigmergy/conformance'
import type { FoundedNode, NodeMember } from '@stigmergy/core'
import { socket } from '../../src/index.js'
import { joinNode } from '../../src/join.js'
import type { Host } from './host.js'

export interface WorldPlan {
  /** Members in this thread, the founder included. */
  readonly here: number
  /** Where the reflector is. */
  readonly host: Host
}

/** A world, and the node that it is made of. */
export interface SocketWorld extends TransportWorld {
  readonly node: FoundedNode
}

/** A node for the laws: some members in this thread, and one that reflects in another. Its frames are small enough to be made often. */
export async function createWorld({ here, host }: WorldPlan): Promise<SocketWorld> {
  const node = await socket({ maxFrameBytes: 2 ** 20 }).found({ workers: 'process', members: here + 1 })
  const members: NodeMember[] = [node.member]
  while (members.length < here) members.push(await joinNode(passedOn(node.admit().data)))
  const leave = await host.reflect(node.admit(), 'reflector')
  const [first, ...others] = members.map(({ transport }) => transport)
  if (first === undefined) throw new Error('A world has a member.')
  return {
    node,
    transports: [first, ...others],
    reflector: 'reflector',
    dispose: async () => {
      await leave()
      for (const member of members) await member.close()
      await node.close()
    },
  }
}

/** What is left of data when it is carried as JSON. */
export function passedOn(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data)) as unknown
}
