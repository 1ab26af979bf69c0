import { memoryCluster } from '@stigmergy/transport-memory'
import type { ClusterExchange, ClusterMember, Register, Transport } from '@stigmergy/core'
import test from 'ava'
import { connect, defineApp, defineRuntime, start, StigmergyError } from 'stigmergy'

/** An exchange that loses the answer to the entry of a node once it is told to, and knows which addresses of nodes are open. */
class ForgetfulExchange implements ClusterExchange {
  readonly name = 'forgetful'
  readonly open = new Set<string>()
  readonly entries: string[] = []
  isForgetful = false
  readonly #inner = memoryCluster()

  async join(options: Parameters<ClusterExchange['join']>[0]): Promise<ClusterMember> {
    const member = await this.#inner.join(options)
    return Object.create(member, {
      register: { value: this.#register(member.register) },
      transport: { value: this.#transport(member.transport) },
      close: { value: () => member.close() },
    }) as ClusterMember
  }

  #register(register: Register): Register {
    const set: Register['set'] = async (key, value, expected) => {
      const revision = await register.set(key, value, expected)
      if (!key.startsWith('nodes.') || expected !== 0) return revision
      this.entries.push(key)
      if (!this.isForgetful) return revision
      this.isForgetful = false
      throw new StigmergyError('STG_CLUSTER_UNAVAILABLE', 'The answer is lost.', { retryable: true })
    }
    return {
      set,
      get: (key) => register.get(key),
      delete: (key, expected) => register.delete(key, expected),
      watch: (prefix, watcher) => register.watch(prefix, watcher),
    }
  }

  #transport(transport: Transport): Transport {
    const open: Transport['open'] = async (options) => {
      const endpoint = await transport.open(options)
      if (!options.address.startsWith('node.')) return endpoint
      this.open.add(options.address)
      const close = async (): Promise<void> => {
        this.open.delete(options.address)
        await endpoint.close()
      }
      return Object.create(endpoint, {
        maxFrameBytes: { value: endpoint.maxFrameBytes },
        offer: { value: endpoint.offer.bind(endpoint) },
        writable: { value: endpoint.writable.bind(endpoint) },
        close: { value: close },
      }) as typeof endpoint
    }
    return Object.create(transport, {
      open: { value: open },
      close: { value: () => transport.close() },
    }) as Transport
  }
}

test('a home whose entry was made and not answered leaves nothing behind, and the next one works', async (t) => {
  const exchange = new ForgetfulExchange()
  const app = defineApp('echo', (app) => ({
    echo: app.fn<string, string>('echo', ({ value }, { reply }) => reply(`${value}!`)),
  }))
  const cluster = { exchange, values: undefined, shards: 4, leaseMs: 300, callMs: 500 }
  await using _node = await start(defineRuntime({ cluster }), app)
  await using client = await connect(cluster)
  t.is(await client.invoke(app.handles.echo, 'first').result, 'first!')
  exchange.isForgetful = true
  await using member = await exchange.join({ cluster: 'default' })
  await member.register.delete(exchange.entries[0]!)
  while (exchange.entries.length < 3 || exchange.open.size === 0) await client.status()
  t.deepEqual([...exchange.open], [exchange.entries[2]!.replace('nodes.', 'node.')])
  t.is(await client.invoke(app.handles.echo, 'second').result, 'second!')
})
