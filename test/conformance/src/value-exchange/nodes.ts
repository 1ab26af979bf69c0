import type { ObjectStore, StoreHandle, ValueExchange, ValuePort } from '@stigmergy/core'
import type { StoreLimits } from '../object-store/depot.js'
import { deadlineOf, type SuiteOptions } from '../runner.js'
import { until, within } from '../waiting.js'

/** What the laws of value exchanges are checked on. */
export interface ValueExchangeSubject extends SuiteOptions {
  /** Makes a world of its own, in which whoever cannot be reached is given up within two seconds. */
  readonly create: () => Promise<ValueWorld>
  /** Whether worlds can `cut`. Default false. The law of broken connections applies if they can. */
  readonly cuts?: boolean
}

/** A few nodes of one cluster, all in the testing thread. */
export interface ValueWorld {
  /** What each of the nodes opens its port with. */
  readonly exchange: ValueExchange
  /** A store for one node. */
  readonly store: (limits: StoreLimits) => Promise<ObjectStore>
  /** Breaks all connections of the world, once some bytes of values are under way. */
  readonly cut?: () => Promise<void>
  /** Ends what ports and stores do not end themselves. Called after they closed. */
  readonly dispose?: () => Promise<void>
}

/** One node: a store, and a port that lends from it and fetches into it. */
export interface ValueNode {
  readonly store: ObjectStore
  readonly port: ValuePort
}

/** What nodes have unless a law wants less, in bytes: more than all stores need at least. */
const roomyBytes = 2 ** 25

/** The nodes of one law. */
export class Nodes implements AsyncDisposable {
  readonly deadlineMs: number
  readonly world: ValueWorld
  readonly #nodes: ValueNode[] = []

  private constructor(world: ValueWorld, deadlineMs: number) {
    this.world = world
    this.deadlineMs = deadlineMs
  }

  static async create(subject: ValueExchangeSubject): Promise<Nodes> {
    return new Nodes(await subject.create(), deadlineOf(subject))
  }

  async open({ secret = sharedSecret, limitBytes = roomyBytes } = {}): Promise<ValueNode> {
    const store = await this.world.store({ limitBytes, waitMs: 3_600_000 })
    const port = await this.world.exchange.open({ store, secret })
    const node = { store, port }
    this.#nodes.push(node)
    return node
  }

  /** One that lends, and one that borrows. */
  async pair(): Promise<{ readonly lender: ValueNode; readonly borrower: ValueNode }> {
    return { lender: await this.open(), borrower: await this.open() }
  }

  /** Puts a value and lends it, so that the port alone holds it. */
  async lend({ store, port }: ValueNode, value: unknown, bytes = sizeOf(value)): Promise<Uint8Array> {
    const handle = await store.put(value, bytes)
    try {
      return port.lend(handle)
    } finally {
      store.release(handle)
    }
  }

  /** A value that is fetched, and then released again. */
  async bring({ store, port }: ValueNode, ticket: Uint8Array): Promise<unknown> {
    const handle = await within(port.fetch(ticket), this.deadlineMs, 'A fetch')
    try {
      return structuredClone(store.read(handle))
    } finally {
      store.release(handle)
    }
  }

  /** Waits until nothing is in the store of a node, and nothing on its way there. */
  async empty({ store, port }: ValueNode): Promise<void> {
    const isEmpty = (): boolean => store.usage.objects === 0 && port.usage.receiving === 0
    const what = (): string => `An empty node (${JSON.stringify({ ...store.usage, ...port.usage })})`
    await until(isEmpty, this.deadlineMs, what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = (async () => {
      await Promise.all(this.#nodes.map(({ port }) => port.close()))
      await Promise.all(this.#nodes.map(({ store }) => store.close()))
      await this.world.dispose?.()
    })()
    await within(closing, this.deadlineMs, 'The close of the nodes')
  }
}

/** What the nodes of a cluster know. */
const sharedSecret = new Uint8Array(32).fill(7)

/** Fills a store, so that the next put has to wait. Returns what gives the room back. */
export async function occupy({ store }: ValueNode): Promise<() => void> {
  const handles: StoreHandle[] = []
  const bytes = Math.floor(store.usage.limitBytes / 16)
  for (;;) {
    const put = store.put(new Uint8Array(bytes), bytes)
    if (!('then' in put)) {
      handles.push(put)
      continue
    }
    // It waits for the room that is given back, and then gives it back itself.
    void put.then(
      (handle) => store.release(handle),
      () => undefined,
    )
    return () => {
      for (const handle of handles) store.release(handle)
    }
  }
}

function sizeOf(value: unknown): number {
  return ArrayBuffer.isView(value) ? value.byteLength : 256
}
