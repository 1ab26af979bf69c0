import { type ErrorCode, type FoundedNode, type NodeExchange, StigmergyError } from '@stigmergy/core'
import { socket } from '@stigmergy/transport-socket'
import test, { type ExecutionContext } from 'ava'
import { machine } from '../src/machine.js'

const options = { workers: 'thread', members: 2 } as const

/** An exchange that can found no node. */
function broken(code: ErrorCode): NodeExchange {
  const found = async (): Promise<never> => {
    throw new StigmergyError(code, 'The package koffi is not installed.')
  }
  return { name: 'mmap', found }
}

/** What is warned of until the end of the test. */
function warnings(t: ExecutionContext): readonly Error[] {
  const heard: Error[] = []
  const listener = (warning: Error): void => void heard.push(warning)
  process.on('warning', listener)
  t.teardown(() => process.off('warning', listener))
  return heard
}

async function foundAll(exchange: NodeExchange, count: number): Promise<readonly FoundedNode[]> {
  const nodes = await Promise.all(Array.from({ length: count }, () => exchange.found(options)))
  await Promise.all(nodes.map((node) => node.close()))
  return nodes
}

test.serial('a machine that can map files is asked for nothing else, and nobody is warned', async (t) => {
  const heard = warnings(t)
  const [node] = await foundAll(machine(socket(), broken('STG_NODE_FULL')), 1)
  t.is(node?.member.transport.name, 'socket')
  t.deepEqual(heard, [])
})

test.serial(
  'where files cannot be mapped values are copied, with one warning that says how to change that',
  async (t) => {
    const heard = warnings(t)
    const [node] = await foundAll(machine(broken('STG_NODE_UNAVAILABLE'), socket()), 3)
    t.is(node?.member.copiesValues, true)
    t.is(heard.length, 1)
    t.regex(heard[0]!.message, /koffi is not installed.*copied through socket/)
    t.regex(String((heard[0] as { readonly detail?: string }).detail), /npm install koffi/)
  },
)

test.serial('what else is wrong is not covered up', async (t) => {
  const heard = warnings(t)
  const exchange = machine(broken('STG_CONFIG_INVALID'), socket())
  const error = await t.throwsAsync(() => exchange.found(options))
  t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
  t.deepEqual(heard, [])
})
