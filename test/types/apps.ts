// Inside an app: what a bucket holds is what its functions get.
import { byName, defineApp, dynamicJoin, immediate, type FunctionHandle, type InputObject } from 'stigmergy'
import { exactly } from './exactly.js'

interface Order {
  readonly id: string
  readonly cents: number
}

defineApp('values', (app) => {
  const orders = app.bucket<Order>('orders')
  const numbers = app.bucket<number>('numbers')
  const anything = app.bucket('anything')

  const bill = app.fn<Order>('bill', (fired) => {
    exactly<Order>()(fired.value)
    exactly<readonly InputObject<Order>[]>()(fired.objects)
  })
  const count = app.fn<number>('count', (fired) => exactly<number>()(fired.value))
  const log = app.fn('log', (fired) => exactly<unknown>()(fired.value))

  orders.when(immediate(), bill)
  // A function that takes anything takes orders too.
  orders.when(immediate(), log)
  anything.when(immediate(), log)
  // @ts-expect-error a function of numbers cannot run with orders
  orders.when(immediate(), count)
  // @ts-expect-error a function of orders cannot run with values of unknown type
  anything.when(immediate(), bill)
  // @ts-expect-error a target is a handle that app.fn returned
  numbers.when(immediate(), () => undefined)
  // @ts-expect-error a trigger needs a target
  numbers.when(immediate())
  // @ts-expect-error a trigger is a configured primitive and not its name
  numbers.when('immediate', count)
})

defineApp('contextual typing', (app) => {
  const orders = app.bucket<Order>('orders')

  orders
    .when(
      immediate(),
      app.fn('bill', (fired) => exactly<Order>()(fired.value)),
    )
    .when(
      byName({ match: { prefix: 'eu-' } }),
      app.fn('tax', async (fired, { put }) => {
        exactly<number>()(fired.value.cents)
        await put(orders, fired.value.id, { id: 'x', cents: 1 })
      }),
    )
})

defineApp('trigger options', (app) => {
  const orders = app.bucket<Order>('orders')
  const bill = app.fn<Order>('bill', () => undefined)
  const note = app.fn<string>('note', () => undefined)

  orders.when(immediate(), bill, {
    name: 'large',
    filter: (object) => object.value.cents > 1_000,
    partitionBy: (object) => object.value.id,
    onDeadline: { fallback: bill },
    deadline: 1_000,
    expect: [{ source: note, timeoutMs: 10 }],
  })
  // @ts-expect-error a filter gives a boolean
  orders.when(immediate(), bill, { filter: (object) => object.value.id })
  // @ts-expect-error an order has no total
  orders.when(immediate(), bill, { filter: (object) => object.value.total > 0 })
  // @ts-expect-error a partition is named by a text
  orders.when(immediate(), bill, { partitionBy: (object) => object.value.cents })
  // @ts-expect-error no such policy
  orders.when(immediate(), bill, { onOverflow: 'ignore' })
  // @ts-expect-error no such option
  orders.when(immediate(), bill, { maxpending: 1 })
  // @ts-expect-error expect needs a timeout
  orders.when(immediate(), bill, { expect: [{ source: note }] })
})

defineApp('functions', (app) => {
  const orders = app.bucket<Order>('orders')
  const options = { concurrency: 2, timeoutMs: 5, retries: { max: 1, backoffMs: 5 }, puts: [orders] }

  app.fn<Order, string>('reply', (fired, { reply }) => reply(fired.value.id), options)
  app.fn<Order>('put', async (fired, { put }) => {
    exactly<'admitted' | 'duplicate' | 'late'>()(await put(orders, undefined, fired.value))
    await put(
      orders,
      'key',
      { id: 'a', cents: 1 },
      { group: ['a', 'b'], role: 'item', et: 1, meta: { a: 1 } },
    )
    // @ts-expect-error a text is no order
    await put(orders, 'key', 'a')
    // @ts-expect-error an order has cents
    await put(orders, 'key', { id: 'a' })
    // @ts-expect-error a bucket is given by its handle
    await put('orders', 'key', fired.value)
    // @ts-expect-error a group is a name or a list of names
    await put(orders, 'key', fired.value, { group: 1 })
  })
  app.fn<Order, string>('close', (_fired, { closed, signal, attempt, session }) => {
    exactly<AbortSignal>()(signal)
    exactly<number>()(attempt)
    exactly<string>()(session)
    closed(orders, { scope: 'items', expected: 3 })
    closed(orders, { scope: 'producer', name: 'left', outcome: 'failed' })
    // @ts-expect-error a producer has a name
    closed(orders, { scope: 'producer' })
    // @ts-expect-error the runtime knows by itself when a session ends
    closed(orders, { scope: 'session', name: 's' })
  })
  // @ts-expect-error this function replies with a text
  app.fn<Order, string>('wrong reply', (fired, { reply }) => reply(fired.value.cents))
  // @ts-expect-error a pause needs a number of attempts
  app.fn('retries', () => undefined, { retries: { backoffMs: 5 } })
  // @ts-expect-error no such option
  app.fn('timeout', () => undefined, { timeout: 5 })
  // @ts-expect-error buckets are given by their handles
  app.fn('puts', () => undefined, { puts: ['orders'] })
  // @ts-expect-error no such option
  app.bucket('typo', { multiple: true })
})

export const handles = defineApp('handles', (app) => {
  const orders = app.bucket<Order>('orders')
  const bill = app.fn<Order, number>('bill', (fired, { reply }) => reply(fired.value.cents))
  const item = app.fn<Order>('item', () => undefined)
  orders.when(dynamicJoin({ parallel: item }), bill)
  return { bill }
}).handles
exactly<{ bill: FunctionHandle<Order, number> }>()(handles)
// @ts-expect-error item was not returned
void handles.item
