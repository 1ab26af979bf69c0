// transports.node: how the home of a runtime and its workers exchange objects and messages. Here messages that come home are counted.
import {
  defineRuntime,
  type FoundedNode,
  socket,
  type NodeExchange,
  type NodeOptions,
  start,
  type Transport,
} from 'stigmergy'
import { clinic } from '../clinic.js'

class Counted implements NodeExchange {
  readonly name = 'counted'
  messages = 0

  constructor(private readonly exchange: NodeExchange) {}

  async found(options: NodeOptions): Promise<FoundedNode> {
    const node = await this.exchange.found(options)
    const { member } = node
    return {
      member: {
        number: member.number,
        store: member.store,
        transport: this.#counting(member.transport),
        load: member.load,
        ...(member.copiesValues === undefined ? {} : { copiesValues: member.copiesValues }),
        close: () => member.close(),
        [Symbol.asyncDispose]: () => member[Symbol.asyncDispose](),
      },
      admit: () => node.admit(),
      bury: (number) => node.bury(number),
      close: () => node.close(),
      [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
    }
  }

  #counting(transport: Transport): Transport {
    return {
      name: this.name,
      open: ({ receive, ...others }) =>
        transport.open({
          ...others,
          receive: (frame, from) => {
            this.messages += 1
            receive(frame, from)
          },
        }),
      close: () => transport.close(),
      [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
    }
  }
}

export async function show(): Promise<string> {
  const node = new Counted(socket())
  const definition = defineRuntime({ workers: { kind: 'process', count: 1 }, transports: { node } })
  await using runtime = await start(definition, clinic)
  const treated = await runtime.invoke(clinic.handles.treat, undefined, { session: 'Ada' }).result
  return `${treated}, ${node.messages > 0 ? 'by messages' : 'at home'}`
}
