import { isMainThread } from 'node:worker_threads'
import { byBatchSize, bySet, defineApp, dynamicJoin, immediate } from 'stigmergy'

/** An app of everything that workers do, at the top level of a module, as every worker imports it. */
export const app = defineApp('worked', (app) => {
  const numbers = app.bucket<number>('numbers')
  const squares = app.bucket<number>('squares')
  const items = app.bucket<number>('items')
  const blocks = app.bucket<Uint8Array>('blocks')
  const counted = app.bucket<number>('counted')
  const batches = app.bucket<number>('batches')

  /** Fan-out and join: the sum of the squares of 0 to 7, each computed for a while. */
  const fan = app.fn<number>('fan', async (fired, { put }) => {
    for (let n = 0; n < 8; n += 1) await put(numbers, `n${n}`, n + 0 * fired.value)
  })
  const square = app.fn<number>('square', async (fired, { put }) => {
    spin(200)
    await put(squares, fired.objects[0]!.key, fired.value ** 2)
  })
  const sum = app.fn<number, number>('sum', (fired, { reply }) => {
    reply(fired.objects.reduce((total, { value }) => total + value, 0))
  })
  numbers.when(immediate(), square)
  squares.when(bySet({ keys: ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'] }), sum)

  /** A dynamic join over as many items as are asked for. */
  const spread = app.fn<number>('spread', async (fired, { put, closed }) => {
    for (let n = 0; n < fired.value; n += 1) await put(items, `i${n}`, n, { role: 'item' })
    closed(items, { scope: 'items', expected: fired.value })
  })
  const double = app.fn<number>('double', async (fired, { put }) => {
    await put(items, undefined, 2 * fired.value)
  })
  const gather = app.fn<number, readonly number[]>('gather', (fired, { reply }) => {
    reply(fired.objects.map(({ value }) => value))
  })
  items.when(dynamicJoin({ parallel: double }), gather)

  /** Large values through shared memory: allocated, filled, put, read in place. */
  const fill = app.fn<number>('fill', async (fired, { put, allocate }) => {
    const block = await allocate(fired.value)
    block.fill(7)
    await put(blocks, 'block', block)
  })
  const add = app.fn<Uint8Array, number>('add', (fired, { reply }) => {
    let total = 0
    for (const byte of fired.value) total += byte
    reply(total)
  })
  blocks.when(immediate(), add)

  /** Batches across sessions. */
  const count = app.fn<number>('count', async (fired, { put }) => {
    await put(counted, undefined, fired.value)
  })
  const batch = app.fn<number>('batch', async (fired, { put }) => {
    await put(batches, undefined, fired.objects.length)
  })
  counted.when(byBatchSize({ count: 5 }), batch)

  /** Ways to end a worker, each in its first attempt. */
  const exit = app.fn<number, string>('exit', (fired, { attempt, reply }) => {
    if (attempt <= fired.value) process.exit(3)
    reply(`survived in attempt ${attempt}`)
  })
  const exhaust = app.fn<undefined, string>('exhaust', (_fired, { attempt, reply }) => {
    const kept: unknown[] = []
    while (attempt === 1) kept.push(new Array(10_000).fill(kept.length))
    reply(`survived in attempt ${attempt}`)
  })
  const hang = app.fn<undefined, string>(
    'hang',
    (_fired, { attempt, reply }) => {
      while (attempt === 1) spin(1_000)
      reply(`survived in attempt ${attempt}`)
    },
    { timeoutMs: 300, retries: { max: 1, backoffMs: 1 } },
  )
  const loop = app.fn<undefined, string>('loop', (_fired, { attempt, reply }) => {
    while (attempt === 1) spin(1_000)
    reply(`survived in attempt ${attempt}`)
  })
  const grow = app.fn<number, number>('grow', async (fired, { reply }) => {
    hoard.push(Buffer.alloc(fired.value, 1))
    await new Promise((resolve) => setTimeout(resolve, 250)) // so that a beat tells of it
    reply(process.pid)
  })
  const where = app.fn<undefined, { pid: number; main: boolean }>('where', (_fired, { reply }) => {
    reply({ pid: process.pid, main: isMainThread })
  })
  const home = app.fn<undefined, number>('home', (_fired, { reply }) => reply(process.pid), { runOn: 'home' })
  return { fan, spread, fill, count, exit, exhaust, hang, loop, grow, where, home, counted, batches, blocks }
})

/** What a worker leaks. */
const hoard: Buffer[] = []

function spin(microseconds: number): void {
  const end = performance.now() + microseconds / 1_000
  while (performance.now() < end);
}
