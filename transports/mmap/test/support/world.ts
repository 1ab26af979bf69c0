import type { TransportWorld } from '@stigmergy/conformance'
import type { NodeMember } from '@stigmergy/core'
import { joinNode } from '../../src/join.js'
import { mmap, type MmapOptions } from '../../src/index.js'
import type { Host } from './host.js'

export interface WorldPlan {
  /** Members in this thread, the founder included. */
  readonly here: number
  /** Where the reflector is. */
  readonly host: Host
  /** Where the way to the reflector and back leads through. */
  readonly over?: Host
  readonly options?: MmapOptions
}

/** A node for the laws: some members in this thread, and one that reflects in another. */
export async function createWorld({ here, host, over, options }: WorldPlan): Promise<TransportWorld> {
  const node = await mmap(options).found({ workers: 'process', members: here + 2 })
  const members: NodeMember[] = [node.member]
  while (members.length < here) members.push(await joinNode(passedOn(node.admit().data)))
  const leave = await host.reflect(node.admit().data, 'reflector')
  const leaveOver = await over?.relay(node.admit().data, 'relay', 'reflector')
  const [first, ...others] = members.map(({ transport }) => transport)
  if (first === undefined) throw new Error('A world has a member.')
  return {
    transports: [first, ...others],
    reflector: over === undefined ? 'reflector' : 'relay',
    dispose: async () => {
      await leaveOver?.()
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
