import type { ClusterClient, RemoteSession } from 'stigmergy'
import { parts, resultOf, type SimulatedApp } from './app.js'

type End = Awaited<RemoteSession['ended']>

/** A session that the simulated client puts into by its name, the parts of a join at different moments, and what came of it. */
export class NamedSession {
  reply: number | undefined
  end: End | undefined
  /** Puts that were not admitted, and why. */
  readonly refused: string[] = []
  readonly #client: ClusterClient
  readonly #app: SimulatedApp
  #isFollowed = false

  constructor(
    readonly id: string,
    readonly value: number,
    client: ClusterClient,
    app: SimulatedApp,
  ) {
    this.#client = client
    this.#app = app
  }

  /** The part at this place. A second put of the same is a duplicate. */
  async put(at: number): Promise<void> {
    const outcome = await this.#put(at)
    if (outcome !== 'admitted') this.refused.push(`${parts[at]!}: ${outcome}`)
    if (!this.#isFollowed) this.#follow()
  }

  async #put(at: number): Promise<string> {
    const { results } = this.#app.handles
    try {
      return await this.#client.put(results, parts[at], resultOf(this.value, at), { session: this.id })
    } catch (error) {
      return String(error)
    }
  }

  #follow(): void {
    this.#isFollowed = true
    const { result, ended } = this.#client.session(this.id)
    result.then(
      (reply) => (this.reply = typeof reply === 'number' ? reply : undefined),
      () => undefined, // the end tells
    )
    void ended.then((end) => (this.end = end))
  }
}
