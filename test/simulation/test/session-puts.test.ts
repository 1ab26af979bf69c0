import test from 'ava'
import { bySet, defineApp, immediate, type RemoteSession } from 'stigmergy'
import { Stage, type StagedNode } from '../src/stage.js'

/** `sum` joins the parts of a session; `wait` goes on until it is told, in a session that was asked for. */
function joinApp() {
  return defineApp('app', (define) => {
    const parts = define.bucket<number>('parts')
    const notes = define.bucket<string>('notes')
    const sum = define.fn<number, number>('sum', ({ objects }, { reply }) => {
      reply(objects.reduce((total, { value }) => total + value, 0))
    })
    const told: (() => void)[] = []
    const wait = define.fn<number, number>(
      'wait',
      async () => new Promise<void>((resolve) => told.push(resolve)),
    )
    const note = define.fn<string, string>('note', ({ value }, { reply }) => reply(value))
    parts.when(bySet({ keys: ['a', 'b'] }), sum)
    notes.when(immediate(), note)
    return { parts, notes, wait, told }
  })
}

type JoinApp = ReturnType<typeof joinApp>

interface Staged {
  readonly stage: Stage
  readonly app: JoinApp
  readonly coordinator: StagedNode
}

async function staged(settings: ConstructorParameters<typeof Stage>[0] = {}): Promise<Staged> {
  const stage = new Stage(settings)
  const app = joinApp()
  return { stage, app, coordinator: await stage.node('c', app, { role: 'coordinator' }) }
}

/** The node on which sessions go on. */
function homeOf(nodes: readonly StagedNode[]): StagedNode {
  return nodes.find(({ process, runtime }) => process.isAlive && runtime.stats.sessions.live > 0)!
}

function isOver({ runtime }: StagedNode): boolean {
  return runtime.stats.sessions.live === 0
}

test('clients put into one session by its name, which ends when nothing more comes', async (t) => {
  const { stage, app } = await staged()
  const node = await stage.node('a', app, { role: 'node' })
  const [one, other] = [await stage.client(), await stage.client()]
  const { parts } = app.handles
  t.is(await stage.until(one.put(parts, 'a', 1, { session: 'order' })), 'admitted')
  t.is(await stage.until(other.put(parts, 'b', 2, { session: 'order' })), 'admitted')
  const session = other.session('order')
  t.is(await stage.until(session.result), 3)
  t.deepEqual(await stage.until(session.ended), { outcome: 'succeeded' })
  t.true(isOver(node))
  t.is(await stage.until(one.put(parts, 'a', 1, { session: 'order' })), 'late')
})

test('a node puts into sessions of the cluster, wherever they are at home, and into its own', async (t) => {
  const { stage, app } = await staged()
  const nodes = [await stage.node('a', app, { role: 'node' }), await stage.node('b', app, { role: 'node' })]
  const client = await stage.client()
  const { parts, wait, told, notes } = app.handles
  await stage.until(client.put(parts, 'a', 1, { session: 'order' }))
  for (const { runtime } of nodes)
    t.true(
      ['admitted', 'duplicate'].includes(await stage.until(runtime.put(parts, 'b', 2, { session: 'order' }))),
    )
  t.is(await stage.until(client.session('order').result), 3)
  const [{ runtime }] = nodes as [StagedNode, StagedNode]
  const own = runtime.invoke(wait, 1, { session: 'own' })
  await stage.when(() => told.length === 1)
  t.is(await stage.until(runtime.put(notes, 'n', 'here', { session: 'own' })), 'admitted')
  t.is(await stage.until(own.result), 'here' as never)
  await t.throwsAsync(stage.until(client.session('own').result), { code: 'STG_SESSION_UNKNOWN' })
  told.forEach((end) => end())
  await stage.until(own.ended)
})

test('what was put comes again, before anything else, when the home of the session is killed', async (t) => {
  const { stage, app } = await staged()
  const nodes = [await stage.node('a', app, { role: 'node' }), await stage.node('b', app, { role: 'node' })]
  const client = await stage.client()
  const { parts } = app.handles
  await stage.until(client.put(parts, 'a', 1, { session: 'order' }))
  homeOf(nodes).process.kill()
  t.is(await stage.until(client.put(parts, 'b', 2, { session: 'order' })), 'admitted')
  t.is(await stage.until(client.session('order').result), 3)
})

test('a session goes on under the next coordinator, with what was put under the one before', async (t) => {
  const { stage, app, coordinator } = await staged()
  await stage.node('a', app, { role: 'node' })
  const client = await stage.client()
  const { parts } = app.handles
  await stage.until(client.put(parts, 'a', 1, { session: 'order' }))
  coordinator.process.kill()
  await stage.node('d', app, { role: 'coordinator' })
  t.is(await stage.until(client.put(parts, 'b', 2, { session: 'order' })), 'admitted')
  t.is(await stage.until(client.session('order').result), 3)
})

test('a request that runs gets what is put into its session, again when it runs again', async (t) => {
  const { stage, app } = await staged()
  const nodes = [await stage.node('a', app, { role: 'node' }), await stage.node('b', app, { role: 'node' })]
  const client = await stage.client()
  const { wait, told, parts } = app.handles
  const session: RemoteSession<number> = client.invoke(wait, 1, { session: 'asked' })
  await stage.when(() => told.length === 1)
  t.is(await stage.until(client.put(parts, 'a', 1, { session: 'asked' })), 'admitted')
  homeOf(nodes).process.kill()
  await stage.when(() => told.length === 2)
  t.is(await stage.until(client.put(parts, 'b', 2, { session: 'asked' })), 'admitted')
  t.is(await stage.until(session.result), 3)
  told.forEach((end) => end())
  t.like(await stage.until(session.ended), { outcome: 'succeeded' })
})

test('the same again is a duplicate, and other content under the key is refused', async (t) => {
  const { stage, app } = await staged()
  await stage.node('a', app, { role: 'node' })
  const client = await stage.client()
  const { parts } = app.handles
  await stage.until(client.put(parts, 'a', 1, { session: 'order' }))
  t.is(await stage.until(client.put(parts, 'a', 1, { session: 'order' })), 'duplicate')
  const other = client.put(parts, 'a', 2, { session: 'order' })
  await t.throwsAsync(stage.until(other), { code: 'STG_OBJECT_KEY_CONFLICT', message: /"a"/ })
})

test('a put that cannot be names what is wrong with it', async (t) => {
  const { stage, app } = await staged()
  await stage.node('a', app, { role: 'node' })
  const client = await stage.client()
  const { parts } = app.handles
  const put = (bucket: { app: string; bucket: string }, session: string): Promise<unknown> =>
    stage.until(client.put(bucket as typeof parts, 'a', 1, { session }))
  await t.throwsAsync(put(parts, '~mine'), { code: 'STG_SESSION_OVER', message: /"~"/ })
  await t.throwsAsync(put({ app: 'app', bucket: 'none' }, 's'), {
    code: 'STG_BUCKET_UNKNOWN',
    message: /"none"/,
  })
  await t.throwsAsync(put(parts, ''.padEnd(10_000, 'x')), { code: 'STG_OBJECT_KEY_INVALID' })
  t.is(await put(parts, 's'), 'admitted', 'what was refused has not used the name up')
})

test('a session takes so many puts by name, and then says so', async (t) => {
  const { stage, app } = await staged({ maxPutsPerSession: 3 })
  await stage.node('a', app, { role: 'node' })
  const client = await stage.client()
  const { notes } = app.handles
  for (const key of ['a', 'b', 'c'])
    t.is(await stage.until(client.put(notes, key, key, { session: 'order' })), 'admitted')
  const error = await t.throwsAsync(stage.until(client.put(notes, 'd', 'd', { session: 'order' })))
  t.like(error, { code: 'STG_SESSION_FULL', details: { session: 'order', maxPuts: 3 } })
  t.is(await stage.until(client.put(notes, 'a', 'a', { session: 'other' })), 'admitted')
})

test('a session that is cancelled turns away what is put', async (t) => {
  const { stage, app } = await staged()
  const node = await stage.node('a', app, { role: 'node' })
  const client = await stage.client()
  const { parts } = app.handles
  await stage.until(client.put(parts, 'a', 1, { session: 'order' }))
  const session = client.session('order')
  session.cancel()
  t.like(await stage.until(session.ended), { outcome: 'cancelled' })
  t.is(await stage.until(client.put(parts, 'b', 2, { session: 'order' })), 'late')
  t.true(isOver(node))
})

/** Two homes of one session: node `a` has taken it, and the coordinator has not heard so, and has given it to `b`, where the put is. */
async function twoHomes() {
  const { stage, app, coordinator } = await staged()
  const a = await stage.node('a', app, { role: 'node' })
  let isCut = false
  a.runtime.on((event) => {
    if (event.type !== 'session-began' || isCut) return
    isCut = true
    stage.network.cut(a.process, coordinator.process)
  })
  const client = await stage.client()
  const { parts } = app.handles
  const put = client.put(parts, 'a', 1, { session: 'order' })
  await stage.when(() => isCut)
  const b = await stage.node('b', app, { role: 'node' })
  return { stage, a, b, client, parts, outcome: await stage.until(put) }
}

test('the end of a life of a session that has not seen a put does not count while another goes on', async (t) => {
  const { stage, a, b, client, parts, outcome } = await twoHomes()
  t.is(outcome, 'admitted')
  t.deepEqual([isOver(a), isOver(b)], [false, false])
  await stage.when(() => isOver(a))
  stage.network.heal()
  await stage.time.until(() => false, stage.time.now() + 30_000)
  t.is(await stage.until(client.put(parts, 'b', 2, { session: 'order' })), 'admitted')
  t.is(await stage.until(client.session('order').result), 3)
})

test('it runs again where it has ended, with all that was put, when no other goes on', async (t) => {
  const { stage, a, b, client, parts } = await twoHomes()
  await stage.when(() => isOver(a))
  b.process.kill()
  stage.network.heal()
  t.is(await stage.until(client.put(parts, 'b', 2, { session: 'order' })), 'admitted')
  t.is(await stage.until(client.session('order').result), 3)
  t.true(a.runtime.stats.sessions.began >= 2)
})

test('what nodes still run of a session ends when it has ended elsewhere', async (t) => {
  const { stage, a, b, client } = await twoHomes()
  stage.network.heal()
  client.session('order').cancel()
  await stage.when(() => isOver(a) && isOver(b))
  t.like(await stage.until(client.session('order').ended), { outcome: 'cancelled' })
})
