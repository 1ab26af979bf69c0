// Tokens.Ids: names of sessions that people can read out on the telephone.
import { defineRuntime, type Ids, provideNew, start, Tokens } from 'stigmergy'
import { clinic } from '../clinic.js'

class Tickets implements Ids {
  #last = 0

  session(): string {
    this.#last += 1
    return `ticket-${this.#last}`
  }

  issued(name: string): boolean {
    const [, number] = /^ticket-([1-9]\d*)$/.exec(name) ?? []
    return number !== undefined && Number(number) <= this.#last
  }
}

export async function show(): Promise<string> {
  await using runtime = await start(
    defineRuntime({ provide: [provideNew(Tokens.Ids, () => new Tickets())] }),
    clinic,
  )
  const { treat } = clinic.handles
  return [await runtime.invoke(treat, undefined).result, await runtime.invoke(treat, undefined).result].join()
}
