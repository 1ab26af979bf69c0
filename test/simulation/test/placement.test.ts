import { Helping } from '@stigmergy/core/cluster'
import test from 'ava'
import { bySet, defineApp, immediate } from 'stigmergy'
import { Stage } from '../src/stage.js'

interface Ran {
  readonly node: string
  readonly key: string
  readonly attempt: number
  readonly aborted: () => boolean
}

const many = Array.from({ length: 12 }, (_, at) => `part ${at}`)

/** `fan` puts as many objects as there are keys, each is doubled, somewhere, and the sum of all is the reply. */
function fanApp(
  stage: Stage,
  node: string,
  ran: Ran[],
  options: { readonly concurrency?: number; readonly timeoutMs?: number; readonly runOn?: 'home' } = {},
  workMs: (node: string) => number = () => 50,
) {
  return defineApp('fan', (app) => {
    const parts = app.bucket<number>('parts')
    const doubled = app.bucket<number>('doubled')
    const fan = app.fn<number, number>('fan', async ({ value }, { put }) => {
      for (const key of many) await put(parts, key, value)
    })
    const double = app.fn<number>(
      'double',
      async ({ value, objects }, { put, attempt, signal }) => {
        const { key } = objects[0]!
        ran.push({ node, key, attempt, aborted: () => signal.aborted })
        await stage.time.sleep(workMs(node))
        await put(doubled, key, value * 2)
      },
      options,
    )
    const sum = app.fn<number, number>('sum', ({ objects }, { reply }) => {
      reply(objects.reduce((total, { value }) => total + value, 0))
    })
    parts.when(immediate(), double)
    doubled.when(bySet({ keys: many }), sum)
    return { fan }
  })
}

test.serial(
  'what a node has no room for runs on others, in a message for each, and is as if it had run at home',
  async (t) => {
    const stage = new Stage()
    const ran: Ran[] = []
    const home = await stage.node('a', fanApp(stage, 'a', ran), { slots: 2 })
    await stage.node('b', fanApp(stage, 'b', ran), { slots: 4 })
    await stage.node('c', fanApp(stage, 'c', ran), { slots: 4 })
    await stage.time.until(() => false, stage.time.now() + 3_000) // all have told of themselves
    const assist = Object.getOwnPropertyDescriptor(Helping.prototype, 'assist')!
    const messages: Parameters<Helping['assist']>[1][] = []
    t.teardown(() => Object.defineProperty(Helping.prototype, 'assist', assist))
    Helping.prototype.assist = function (from, runs) {
      messages.push(runs)
      return (assist.value as Helping['assist']).call(this, from, runs)
    }
    const app = fanApp(stage, 'a', ran)
    const { result } = home.runtime.invoke(app.handles.fan, 5)
    t.is(await stage.until(result), many.length * 10)
    const counts = ['a', 'b', 'c'].map((name) => ran.filter(({ node }) => node === name).length)
    t.deepEqual(
      messages.slice(0, 2).map((runs) => runs.length),
      [4, 4],
      'as many in one message as a node has room for',
    )
    t.is(ran.length, many.length, 'each ran once')
    t.true(
      counts.every((count) => count > 1),
      `all take part: ${counts.join()}`,
    )
    await stage.when(() => home.runtime.cluster!.away === 0)
  },
)

test('a function that has to run at home waits for room there', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  const options = { runOn: 'home' } as const
  const app = fanApp(stage, 'a', ran, options)
  const home = await stage.node('a', app, { slots: 2 })
  await stage.node('b', fanApp(stage, 'b', ran, options), { slots: 20 })
  await stage.until(home.runtime.invoke(app.handles.fan, 1).result)
  t.deepEqual([...new Set(ran.map(({ node }) => node))], ['a'])
})

test('a node runs no more at a time of a function than it may', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  let running = 0
  let most = 0
  const app = (node: string) =>
    fanApp(stage, node, ran, { concurrency: 2 }, (each) => {
      if (each === 'b') most = Math.max(most, (running += 1))
      if (each === 'b') stage.time.after(49, () => (running -= 1))
      return 50
    })
  const home = await stage.node('a', app('a'), { slots: 1 })
  await stage.node('b', app('b'), { slots: 20 })
  t.is(await stage.until(home.runtime.invoke(app('a').handles.fan, 1).result), many.length * 2)
  t.is(most, 2)
})

test('what a node was running when it died runs again elsewhere, and counts once', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  const slow = (node: string): number => (node === 'b' ? 60_000 : 50)
  const app = (node: string) => fanApp(stage, node, ran, {}, slow)
  const home = await stage.node('a', app('a'), { slots: 2 })
  const other = await stage.node('b', app('b'), { slots: 4, role: 'node' })
  const { result } = home.runtime.invoke(app('a').handles.fan, 1)
  await stage.when(() => ran.some(({ node }) => node === 'b'))
  other.process.kill()
  t.is(await stage.until(result), many.length * 2)
  const again = ran.filter(({ attempt }) => attempt === 2)
  t.true(again.length > 0)
  t.deepEqual([...new Set(again.map(({ node }) => node))], ['a'])
})

test.serial('what a helper has given up runs again, although its home has not missed it', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  let isCut = false
  const app = (node: string) => fanApp(stage, node, ran, {}, () => (node === 'b' && isCut ? 60_000 : 50))
  const home = await stage.node('a', app('a'), { slots: 2 })
  const other = await stage.node('b', app('b'), { slots: 4, role: 'node' })
  const assist = Object.getOwnPropertyDescriptor(Helping.prototype, 'assist')!
  t.teardown(() => Object.defineProperty(Helping.prototype, 'assist', assist))
  Helping.prototype.assist = function (from, runs) {
    Object.defineProperty(Helping.prototype, 'assist', assist)
    isCut = true
    const answer = this.assist(from, runs)
    stage.network.cut(home.process, other.process) // so the home does not hear that they were taken
    return answer
  }
  const { result } = home.runtime.invoke(app('a').handles.fan, 1)
  await stage.when(() => other.runtime.cluster!.guests > 0)
  await stage.when(() => other.runtime.cluster!.guests === 0)
  isCut = false
  stage.network.heal()
  t.is(await stage.until(result), many.length * 2)
})

test('nodes that cannot reach each other give each other up, though both reach the servers', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  const slow = (node: string): number => (node === 'b' ? 30_000 : 50)
  const app = (node: string) => fanApp(stage, node, ran, {}, slow)
  const home = await stage.node('a', app('a'), { slots: 2 })
  const other = await stage.node('b', app('b'), { slots: 4, role: 'node' })
  const { result } = home.runtime.invoke(app('a').handles.fan, 1)
  await stage.when(() => ran.some(({ node }) => node === 'b'))
  stage.network.cut(home.process, other.process)
  t.is(await stage.until(result), many.length * 2)
  t.true(ran.filter(({ node }) => node === 'b').every(({ aborted }) => aborted()))
  t.is(other.runtime.cluster!.guests, 0)
})

test('a session that is cancelled ends what runs of it elsewhere', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  const app = (node: string) => fanApp(stage, node, ran, {}, () => 60_000)
  const home = await stage.node('a', app('a'), { slots: 2 })
  const other = await stage.node('b', app('b'), { slots: 4 })
  const session = home.runtime.invoke(app('a').handles.fan, 1)
  await stage.when(() => ran.some(({ node }) => node === 'b'))
  session.cancel()
  await t.throwsAsync(session.result, { code: 'STG_SESSION_CANCELLED' })
  await stage.when(() => other.runtime.cluster!.guests === 0)
  t.true(ran.filter(({ node }) => node === 'b').every(({ aborted }) => aborted()))
})

test('a time limit holds elsewhere', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  const slow = (node: string): number => (node === 'b' ? 30_000 : 50)
  const app = (node: string) => fanApp(stage, node, ran, { timeoutMs: 500 }, slow)
  const home = await stage.node('a', app('a'), { slots: 2 })
  await stage.node('b', app('b'), { slots: 4 })
  const session = home.runtime.invoke(app('a').handles.fan, 1)
  await t.throwsAsync(stage.until(session.result), { code: 'STG_FUNCTION_TIMEOUT' })
})

test('what a function throws elsewhere fails its session as at home', async (t) => {
  const stage = new Stage()
  const make = (node: string) =>
    defineApp('failing', (app) => {
      const parts = app.bucket<number>('parts')
      const fan = app.fn<number>('fan', async (_fired, { put }) => {
        await Promise.all(many.map((key) => put(parts, key, 1)))
      })
      const work = app.fn<number>('work', async () => {
        await stage.time.sleep(100)
        if (node === 'b') throw new RangeError('not here')
      })
      parts.when(immediate(), work)
      return { fan }
    })
  const home = await stage.node('a', make('a'), { slots: 1 })
  await stage.node('b', make('b'), { slots: 4 })
  const session = home.runtime.invoke(make('a').handles.fan, 1)
  const { error } = await stage.until(session.ended)
  t.like(error, { code: 'STG_FUNCTION_FAILED', message: 'Function work failed: not here' })
  t.like(error?.cause, { name: 'RangeError', message: 'not here' })
})

test('a node that leaves says so, and its guests are not waited for', async (t) => {
  const stage = new Stage()
  const ran: Ran[] = []
  const slow = (node: string): number => (node === 'b' ? 60_000 : 50)
  const app = (node: string) => fanApp(stage, node, ran, {}, slow)
  const home = await stage.node('a', app('a'), { slots: 2 })
  const other = await stage.node('b', app('b'), { slots: 4, role: 'node' })
  const { result } = home.runtime.invoke(app('a').handles.fan, 1)
  await stage.when(() => ran.some(({ node }) => node === 'b'))
  const before = stage.time.elapsed
  await stage.until(other.runtime.close())
  t.is(await stage.until(result), many.length * 2)
  t.true(stage.time.elapsed - before < 1_000, 'no lease has to end first')
})
