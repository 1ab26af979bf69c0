// Composed: triggers are made of triggers. What is paid and packed is shipped, unless it takes too long.
import { all, composites, within } from '@stigmergy/composites'
import { byName, defineApp, defineRuntime, start } from 'stigmergy'

export const app = defineApp('composed', (app) => {
  const facts = app.bucket<string>('facts')

  const ship = app.fn<string, string>('ship', ({ objects }, { reply }) => {
    reply(`shipped, ${objects.map(({ value }) => value).join(' and ')}`)
  })

  const isReady = all(byName({ match: 'paid' }), byName({ match: 'packed' }))
  facts.when(within(isReady, 50), ship, { scope: 'session' })
  return { facts }
})

await using runtime = await start(defineRuntime({ primitives: composites }), app)

const swift = runtime.session()
await swift.put(app.handles.facts, 'packed', 'packed by Bo')
await swift.put(app.handles.facts, 'paid', 'paid by Ada')
console.log(await swift.result)
await swift.end()

const slow = runtime.session()
await slow.put(app.handles.facts, 'packed', 'packed by Bo')
console.log((await slow.ended).error?.message)
