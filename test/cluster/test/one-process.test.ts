import { memoryCluster, type MemoryClusterExchange } from '@stigmergy/transport-memory'
import type { Journal } from '@stigmergy/core'
import test from 'ava'
import { type App, connect, defineApp, defineRuntime, immediate, start } from 'stigmergy'

/** A cluster of short leases, all of whose members are in this process. */
function clusterOf(exchange: MemoryClusterExchange) {
  return { exchange, shards: 4, leaseMs: 500, callMs: 1_000 }
}

/** An app whose `work` waits until it is let go, and counts how often it has run. */
function waitingApp() {
  let runs = 0
  let letGo: () => void
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve))
  const app = defineApp('waiting', (app) => {
    const asked = app.bucket<string>('asked')
    const ask = app.fn<string, string>('ask', async ({ value }, { put }) => {
      await put(asked, 'it', value)
    })
    const work = app.fn<string, string>('work', async ({ value }, { reply }) => {
      runs += 1
      await isLetGo
      reply(`${value}!`)
    })
    asked.when(immediate(), work)
    return { ask }
  })
  return { app, runs: () => runs, letGo: () => letGo() }
}

async function startNode(exchange: MemoryClusterExchange, app: App) {
  return start(defineRuntime({ cluster: clusterOf(exchange) }), app)
}

test('a session goes on without the client that has asked for it, and another one gets the reply', async (t) => {
  const exchange = memoryCluster()
  const { app, letGo } = waitingApp()
  await using _node = await startNode(exchange, app)
  {
    await using client = await connect(clusterOf(exchange))
    const session = client.invoke(app.handles.ask, 'first', { session: 'named' })
    session.result.catch(() => undefined)
    while ((await client.status()).nodes.every(({ sessions }) => sessions === 0));
  }
  letGo()
  await using other = await connect(clusterOf(exchange))
  t.is(await other.session('named').result, 'first!')
})

test('a request that comes twice under one name runs once, and both are given its reply', async (t) => {
  const exchange = memoryCluster()
  const { app, runs, letGo } = waitingApp()
  await using _node = await startNode(exchange, app)
  await using one = await connect(clusterOf(exchange))
  await using other = await connect(clusterOf(exchange))
  const asked = [one, other].map((client) => client.invoke(app.handles.ask, 'same', { session: 'named' }))
  letGo()
  t.deepEqual(await Promise.all(asked.map(({ result }) => result)), ['same!', 'same!'])
  t.is(runs(), 1)
})

test('members and clients go on when the servers are back', async (t) => {
  const exchange = memoryCluster()
  const { app, letGo } = waitingApp()
  await using _node = await startNode(exchange, app)
  await using client = await connect(clusterOf(exchange))
  exchange.stop()
  const session = client.invoke(app.handles.ask, 'later')
  exchange.resume()
  letGo()
  t.is(await session.result, 'later!')
})

test('a request for which the journal has no room waits until there is some', async (t) => {
  const exchange = memoryCluster({ maxJournalBytes: 100_000 })
  const { app, letGo } = waitingApp()
  letGo()
  await using _node = await startNode(exchange, app)
  await using member = await exchange.join({ cluster: 'default' })
  await using client = await connect(clusterOf(exchange))
  await t.throwsAsync(fill(member.journal), { message: /no room/ })
  let isReplied = false
  const reply = client.invoke(app.handles.ask, 'patient').result.finally(() => (isReplied = true))
  await client.status()
  t.false(isReplied)
  await member.journal.trim('filler', await member.journal.last('filler'))
  t.is(await reply, 'patient!')
})

/** Until there is room for nothing. */
async function fill(journal: Journal): Promise<never> {
  for (;;) await journal.append('filler', new Uint8Array(10))
}
