import { StigmergyError, type ObjectStore, type StoreHandle, type ValuePort } from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import type { ExecutionContext } from 'ava'
import { setImmediate as turn } from 'node:timers/promises'
import { tcp, type TcpOptions, type TcpValuePort } from '../../src/index.js'
import { Wire } from './wire.js'

/** What the nodes of the tests know. */
export const secret = new Uint8Array(32).fill(7)

export interface Node<Port extends ValuePort = TcpValuePort> {
  readonly store: MemoryObjectStore
  readonly port: Port
}

/** A node for the time of a test. */
export async function node(t: ExecutionContext, options: TcpOptions = {}): Promise<Node> {
  const store = new MemoryObjectStore()
  const port = await tcp(options).open({ store, secret })
  t.teardown(() => port.close())
  return { store, port }
}

/** A node that others reach by a wire only. */
export async function wiredNode(
  t: ExecutionContext,
  options: TcpOptions = {},
): Promise<Node & { readonly wire: Wire }> {
  const wire = await Wire.open()
  const store = new MemoryObjectStore()
  const port = await wire.port({ store, secret }, options)
  t.teardown(() => port.close())
  t.teardown(() => wire[Symbol.asyncDispose]())
  return { store, port, wire }
}

/** Lends what then is held by the port alone. */
export async function lend({ store, port }: Node, value: Uint8Array): Promise<Uint8Array> {
  const handle = await store.put(value, value.length)
  const ticket = port.lend(handle)
  store.release(handle)
  return ticket
}

/** Whether these very bytes have come. The hold ends. */
export function holds(
  { store }: { readonly store: ObjectStore },
  handle: StoreHandle,
  value: Uint8Array,
): boolean {
  const isSame = Buffer.compare(store.read(handle) as Uint8Array, value) === 0
  store.release(handle)
  return isSame
}

/** Bytes of which no two parts are the same. */
export function patterned(bytes: number): Uint8Array {
  const numbers = new Uint32Array(Math.ceil(bytes / 4))
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = Math.imul(at + 1, 2_654_435_761)
  return new Uint8Array(numbers.buffer, 0, bytes)
}

/** The code that a fetch fails with. */
export async function codeOf(fetch: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await fetch.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return StigmergyError.is(error) ? error.code : undefined
}

/** Waits for something to become so; the test's own deadline ends it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn()
}
