import { NatsServer } from '@stigmergy-test/nats-server'
import test, { type ExecutionContext } from 'ava'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterStatus, connect } from 'stigmergy'
import { existsSync, readFileSync } from 'node:fs'
import { RunningCommand } from '../src/command.js'
import { clusterAt } from '../src/settings.js'
import slow from '../src/slow-app.js'

/** Runs the command to its end. */
async function result(args: readonly string[], env: Readonly<Record<string, string>>) {
  await using command = new RunningCommand(args, env)
  return await command.ended
}

async function emptyFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-member-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What the member answers at a path of its health server, once it answers with this code. */
async function whenAnswers(url: string, code: number): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const response = await fetch(url)
    const body = (await response.json()) as Readonly<Record<string, unknown>>
    if (response.status === code) return body
    await sleep(20)
  }
}

async function whenThere(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(10)
}

test.serial('nodes and coordinators join, work, and are shown by status', async (t) => {
  t.timeout(60_000)
  const folder = await emptyFolder(t)
  await using server = await NatsServer.start()
  const env = { STIGMERGY_SERVER: server.url }
  await using coordinator = new RunningCommand(['coordinator', '--name', 'head'], env)
  await using one = new RunningCommand(['node', '--name', 'one'], env)
  await using two = new RunningCommand(['node', '--json', '--name', 'two'], env)
  await coordinator.says(/^joined as coordinator head-/)
  await one.says(/^joined as node one-\S+ and coordinator one-/)
  const [line] = await two.says(/.*"event":"joined".*/)
  t.is((JSON.parse(line) as { name: string }).name, 'two')

  await using client = await connect(clusterAt(server.url))
  const file = join(folder, 'work')
  const { result: reply } = client.invoke(slow.handles.wait, file)
  await client.put(slow.handles.events, 'a', 1)
  await whenThere(file)
  const { stdout, code } = await result(['status', '--json', '--timeout-ms', '30000', '--nodes', '2'], env)
  t.is(code, 0)
  const status = JSON.parse(stdout) as ClusterStatus
  t.deepEqual(status.nodes.map(({ name, answers }) => [name, answers]).sort(), [
    ['one', true],
    ['two', true],
  ])
  t.deepEqual(status.nodes.map(({ running, sessions }) => [running, sessions]).sort(), [
    [0, 0],
    [1, 1],
  ])
  t.deepEqual(status.coordinators.map(({ name }) => name).sort(), ['head', 'one', 'two'])
  t.is(status.shards.length, 16)
  t.true(status.shards.every(({ owner, epoch }) => owner !== '' && epoch > 0))
  t.is(
    status.shards.reduce((sum, each) => sum + each.status!.sessions, 0),
    1,
  )
  const triggers = status.shards.flatMap((shard) => shard.status!.triggers)
  t.deepEqual(
    triggers.map(({ app, trigger, ledger }) => [app, trigger, ledger.pending]),
    [['slow', 'events.count', 1]],
  )

  const table = await result(['status', '--server', server.url], {})
  t.is(table.code, 0, table.stderr)
  t.regex(
    table.stdout,
    /^2 nodes, 3 coordinators, 16 of 16 shards held, 1 open sessions, 0 pending firings\n/,
  )
  t.regex(table.stdout, /^node +running +free +queued +sessions +apps +answers$/m)
  t.regex(table.stdout, /^one-\S+ .* slow +yes$/m)
  t.regex(table.stdout, /^slow: events\.count +\d+ +1 +1 +0 +1$/m)
  await writeFile(`${file}.go`, '')
  t.is(await reply, 'done')
})

test.serial('a node that is told to end finishes what it has begun, and the reply is given', async (t) => {
  t.timeout(60_000)
  const folder = await emptyFolder(t)
  await using server = await NatsServer.start()
  const env = { STIGMERGY_SERVER: server.url }
  await using coordinator = new RunningCommand(['coordinator'], env)
  await using leaving = new RunningCommand(['node', '--health', '0', '--name', 'leaving'], env)
  const [, url] = await leaving.says(/^health: (\S+)\/healthz/)
  await whenAnswers(`${url}/readyz`, 200)
  await coordinator.says(/^joined/)
  await using client = await connect(clusterAt(server.url))
  const file = join(folder, 'work')
  const session = client.invoke(slow.handles.wait, file)
  await whenThere(file)
  leaving.signal('SIGTERM')
  await leaving.says(/^draining: .* open sessions: 1/)
  t.is((await whenAnswers(`${url}/readyz`, 503))['state'], 'draining')
  t.like(await whenAnswers(`${url}/healthz`, 200), { alive: true, name: 'leaving' })

  await using other = new RunningCommand(['node', '--name', 'other'], env)
  await other.says(/^joined/)
  await writeFile(`${file}.go`, '')
  t.is(await session.result, 'done')
  t.is((await session.ended).outcome, 'succeeded')
  const { code, stdout } = await leaving.ended
  t.is(code, 0)
  t.regex(stdout, /left the cluster\n$/)
  t.is(readFileSync(file, 'utf8'), 'begun\n', 'it ran once')
})

test.serial('what a node that ends does not finish in time runs again on another', async (t) => {
  t.timeout(60_000)
  const folder = await emptyFolder(t)
  await using server = await NatsServer.start()
  const env = { STIGMERGY_SERVER: server.url }
  await using coordinator = new RunningCommand(['coordinator'], env)
  await using leaving = new RunningCommand(['node', '--drain-ms', '100'], env)
  await leaving.says(/^joined/)
  await coordinator.says(/^joined/)
  await using client = await connect(clusterAt(server.url))
  const file = join(folder, 'work')
  const session = client.invoke(slow.handles.wait, file)
  await whenThere(file)
  await using other = new RunningCommand(['node'], env)
  await other.says(/^joined/)
  leaving.signal('SIGINT')
  t.is((await leaving.ended).code, 0)
  await writeFile(`${file}.go`, '')
  t.is(await session.result, 'done')
  t.is(readFileSync(file, 'utf8'), 'begun\nbegun\n')
})

test.serial('a second signal ends a member at once', async (t) => {
  t.timeout(60_000)
  const folder = await emptyFolder(t)
  await using server = await NatsServer.start()
  await using node = new RunningCommand(['node'], { STIGMERGY_SERVER: server.url })
  await node.says(/^joined/)
  await using client = await connect(clusterAt(server.url))
  const file = join(folder, 'work')
  const session = client.invoke(slow.handles.wait, file)
  await whenThere(file)
  node.signal('SIGTERM')
  await node.says(/^draining/)
  node.signal('SIGINT')
  t.is((await node.ended).code, 128 + 15)
  session.result.catch(() => undefined)
})

test.serial('a member is not ready while the server is away, and is again when it is back', async (t) => {
  t.timeout(60_000)
  await using server = await NatsServer.start()
  const env = { STIGMERGY_SERVER: server.url }
  await using node = new RunningCommand(['node', '--health', '127.0.0.1:0'], env)
  const [, url] = await node.says(/^health: (\S+)\/healthz/)
  t.like(await whenAnswers(`${url}/readyz`, 200), { ready: true, state: 'ready', shards: 16, sessions: 0 })
  await server.stop()
  t.like(await whenAnswers(`${url}/readyz`, 503), { ready: false, state: 'out-of-touch' })
  await node.says(/^out of touch/)
  await whenAnswers(`${url}/healthz`, 200)
  await server.resume()
  t.like(await whenAnswers(`${url}/readyz`, 200), { ready: true })
  t.is((await fetch(`${url}/other`)).status, 404)
  t.is((await fetch(`${url}/readyz`, { method: 'POST' })).status, 405)
  node.signal('SIGTERM')
  t.is((await node.ended).code, 0)
})

test.serial('members and status say what is wrong, and end', async (t) => {
  t.timeout(60_000)
  await using server = await NatsServer.start({ config: 'authorization { token: "right" }' })
  const refused = { STIGMERGY_SERVER: server.url }
  await using blocker = createServer().listen(0, '127.0.0.1')
  const gone = { STIGMERGY_SERVER: 'nats://127.0.0.1:9' }
  for (const [args, env, message] of [
    [['node'], gone, /^STG_CLUSTER_UNAVAILABLE: No server of NATS answers at nats:\/\/127\.0\.0\.1:9/],
    [['coordinator'], refused, /^STG_CLUSTER_UNAVAILABLE: The servers at .* do not let in/],
    [['status'], gone, /^STG_CLUSTER_UNAVAILABLE: No server of NATS answers/],
    [['status', '--server', server.url], {}, /^STG_CLUSTER_UNAVAILABLE: .* do not let in/],
    [
      ['node', '--config', 'settings.ts'],
      gone,
      /^STG_CONFIG_FILE: settings\.ts must have as its default export/,
    ],
    [['node', 'app.ts#nothing'], gone, /^STG_CONFIG_FILE: app\.ts exports no app as nothing/],
    [['node', '--name', 'a b'], gone, /^STG_CONFIG_INVALID: .*name must be/],
  ] as const) {
    const { code, stderr } = await result(args, env)
    t.is(code, 1, args.join(' '))
    t.regex(stderr, message)
    t.regex(stderr, /\n {2}remedy: /)
  }
  const { port } = blocker.address() as { port: number }
  const taken = await result(['node', '--health', String(port)], gone)
  t.is(taken.code, 1)
  t.regex(taken.stderr, /^STG_CONFIG_INVALID: --health: nobody can listen at 127\.0\.0\.1:/)
})

test.serial('status of a cluster without members is an error', async (t) => {
  await using server = await NatsServer.start()
  const { code, stderr } = await result(['status', '--cluster', 'empty'], { STIGMERGY_SERVER: server.url })
  t.is(code, 1)
  t.regex(stderr, /^STG_CLUSTER_UNAVAILABLE: The cluster empty has no members/)
  const waited = await result(['status', '--nodes', '2', '--wait-ms', '1'], { STIGMERGY_SERVER: server.url })
  t.is(waited.code, 1)
  t.regex(
    waited.stderr,
    /^STG_CLUSTER_UNAVAILABLE: After 1 ms 0 of 2 nodes answer, and 0 of 0 shards are held/,
  )
})
