import test from 'ava'
import { byBatchSize, defineApp, type LostObjects, type RuntimeEvent } from 'stigmergy'
import { Stage } from '../src/stage.js'

type Lost = RuntimeEvent & { readonly type: 'objects-lost' }

function memoryApp(durability: 'memory' | 'journal') {
  return defineApp('app', (app) => {
    const events = app.bucket<number>('events', { durability })
    const batch = app.fn('batch', () => undefined)
    const work = app.fn<readonly string[], string>('work', async ({ value: keys }, { put, reply }) => {
      for (const key of keys) await put(events, key, 1)
      reply('put')
    })
    events.when(byBatchSize({ count: 3 }), batch)
    return { work, events }
  })
}

/** A node, two coordinators, and a client that has put. */
async function staged(durability: 'memory' | 'journal') {
  const stage = new Stage()
  const app = memoryApp(durability)
  const coordinator = await stage.node('c', app, { role: 'coordinator' })
  const home = await stage.node('a', app, { role: 'node' })
  const told: Lost[] = []
  home.runtime.on((event) => void (event.type === 'objects-lost' && told.push(event)))
  return { stage, app, coordinator, home, told }
}

test('what a node has put into a memory is told to it when the coordinator is killed, and nothing else', async (t) => {
  const { stage, app, coordinator, home, told } = await staged('memory')
  const { id, result, ended } = home.runtime.invoke(app.handles.work, ['a', 'b', 'c', 'd', 'e'])
  t.is(await stage.until(result), 'put')
  await stage.until(ended)
  await stage.time.until(() => false, stage.time.now() + 1_000) // the batch of a, b and c is done
  coordinator.process.kill()
  await stage.node('c2', app, { role: 'coordinator' })
  await stage.when(() => told.length > 0)
  const [{ at, ...lost }] = told as [Lost]
  t.is(typeof at, 'number')
  const objects = [
    { session: id, key: 'd' },
    { session: id, key: 'e' },
  ]
  t.deepEqual(lost, { type: 'objects-lost', session: '', app: 'app', bucket: 'events', objects })
  t.is(told.length, 1)
})

test('a client is told, too, and may put again', async (t) => {
  const { stage, app, coordinator } = await staged('memory')
  const lost: LostObjects[] = []
  const client = await stage.client({ onLost: (each) => lost.push(each) })
  t.is(await stage.until(client.put(app.handles.events, 'x', 1)), 'admitted')
  coordinator.process.kill()
  await stage.node('c2', app, { role: 'coordinator' })
  await stage.when(() => lost.length > 0)
  t.deepEqual(lost, [{ app: 'app', bucket: 'events', objects: [{ session: '', key: 'x' }] }])
  t.is(await stage.until(client.put(app.handles.events, 'x', 1)), 'admitted')
})

test('of what is in the journal nothing is lost', async (t) => {
  const { stage, app, coordinator, home, told } = await staged('journal')
  await stage.until(home.runtime.invoke(app.handles.work, ['a', 'b']).result)
  coordinator.process.kill()
  await stage.node('c2', app, { role: 'coordinator' })
  await stage.until(home.runtime.invoke(app.handles.work, ['c']).result)
  await stage.time.until(() => false, stage.time.now() + 10_000)
  t.deepEqual(told, [])
})
