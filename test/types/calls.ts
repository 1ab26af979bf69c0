// Outside of an app: what a caller gives and gets.
import {
  byBatchSize,
  defineApp,
  defineRuntime,
  start,
  StigmergyError,
  type ErrorCode,
  type Outcome,
  type RuntimeEvent,
  type TriggerExplanation,
} from 'stigmergy'
import { exactly } from './exactly.js'

interface Order {
  readonly id: string
  readonly cents: number
}

const shop = defineApp('shop', (app) => {
  const orders = app.bucket<Order>('orders')
  const bill = app.fn<Order, number>('bill', (fired, { reply }) => reply(fired.value.cents))
  const count = app.fn<number>('count', () => undefined)
  const tick = app.fn('tick', () => undefined)
  return { bill, count, orders, tick }
})

export async function calls(): Promise<void> {
  const { bill, count, orders, tick } = shop.handles
  await using runtime = await start(defineRuntime(), shop)

  exactly<number>()(await runtime.invoke(bill, { id: 'a', cents: 1 }).result)
  exactly<unknown>()(await runtime.invoke(tick, undefined).result)
  exactly<unknown>()(await runtime.invoke('bill', { anything: true }).result)
  exactly<Outcome>()((await runtime.invoke(tick, 1, { deadlineMs: 5, session: 's' }).ended).outcome)
  // @ts-expect-error a bill is made of an order
  runtime.invoke(bill, 'a')
  // @ts-expect-error a bill is made of an order
  runtime.invoke(bill)
  // @ts-expect-error no such option
  runtime.invoke(bill, { id: 'a', cents: 1 }, { deadline: 5 })
  // @ts-expect-error a bucket is no function
  runtime.invoke(orders, { id: 'a', cents: 1 })
  // @ts-expect-error the reply of a bill is a number
  const text: string = await runtime.invoke(bill, { id: 'a', cents: 1 }).result
  void text

  exactly<'admitted' | 'duplicate' | 'late'>()(await runtime.put(orders, 'a', { id: 'a', cents: 1 }))
  await runtime.put('orders', 'a', 'by name anything goes', { session: 's' })
  // @ts-expect-error a number is no order
  await runtime.put(orders, 'a', 1)
  // @ts-expect-error a function is no bucket
  await runtime.put(bill, 'a', { id: 'a', cents: 1 })

  runtime.closed(orders, { scope: 'items', expected: 2 }, { session: 's' })
  // @ts-expect-error only user code's own facts come from outside
  runtime.closed(orders, { scope: 'invocation', name: 'i' })
  runtime.watermark(orders, 5)
  // @ts-expect-error event time is in ms since epoch
  runtime.watermark(orders, new Date(5))

  await using session = runtime.session({ signal: AbortSignal.timeout(5) })
  await session.put(orders, undefined, { id: 'a', cents: 1 })
  // @ts-expect-error an order has an id
  await session.put(orders, undefined, { cents: 1 })
  exactly<unknown>()(await session.result)

  runtime.bucket(orders).add(byBatchSize({ count: 2 }), bill, { filter: ({ value }) => value.cents > 0 })
  // @ts-expect-error a filter of a bill sees orders
  runtime.bucket(orders).add(byBatchSize({ count: 2 }), bill, { filter: ({ value }) => value > 0 })
  // @ts-expect-error a running bucket of orders has no target of numbers
  runtime.bucket(orders).add(byBatchSize({ count: 2 }), count)

  exactly<readonly TriggerExplanation[]>()(runtime.explain({ trigger: 'orders.bill' }))
  exactly<'live' | 'over' | 'unknown'>()(runtime.explain({ session: 's' }).state)
  // @ts-expect-error explain what?
  runtime.explain({})
}

export function errors(error: unknown): void {
  if (StigmergyError.is(error)) exactly<ErrorCode>()(error.code)
  // @ts-expect-error no such code
  StigmergyError.is(error, 'STG_OTHER')
}

export function events(event: RuntimeEvent): void {
  if (event.type === 'trigger-fired') exactly<string>()(event.fn)
  // @ts-expect-error only some events are of a function
  void event.fn
}
