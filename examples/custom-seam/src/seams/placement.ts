// Tokens.Placement: which worker runs what comes next. Here they take turns, however busy they are.
import { defineRuntime, type Placement, provide, start, Tokens, type WorkerLoad } from 'stigmergy'
import { clinic } from '../clinic.js'

class InTurn implements Placement {
  readonly #chosen = new Map<number, number>()
  #turn = 0

  /** How often each worker was chosen. */
  get counts(): readonly number[] {
    return [...this.#chosen.values()]
  }

  choose(workers: readonly WorkerLoad[]): number {
    const place = this.#turn % workers.length
    const worker = workers[place]?.worker ?? 0
    this.#turn += 1
    this.#chosen.set(worker, (this.#chosen.get(worker) ?? 0) + 1)
    return place
  }
}

export async function show(): Promise<string> {
  const inTurn = new InTurn()
  const definition = defineRuntime({
    workers: { kind: 'process', count: 2 },
    provide: [provide(Tokens.Placement, inTurn)],
  })
  await using runtime = await start(definition, clinic)
  for (const session of ['Ada', 'Bo', 'Cy', 'Di'])
    await runtime.invoke(clinic.handles.treat, undefined, { session }).result
  return inTurn.counts.join()
}
