import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterClient, Runtime } from 'stigmergy'
import type { Tour } from './tour.js'

/** Where an example runs. */
export interface Visit {
  readonly tour: Tour
  /** Whoever asks for sessions, and puts what belongs to none. */
  readonly caller: Pick<ClusterClient, 'invoke' | 'put'>
  /** Where files may be. */
  readonly folder: string
  /** The lines that functions have printed. */
  readonly printed: () => readonly string[]
}

/** A visit to a home of sessions that begin with a put. */
export interface VisitAtHome extends Visit {
  readonly runtime: Runtime
}

/** What an example comes to, wherever it runs. Nothing of it is left over. */
export interface Example<V extends Visit = Visit> {
  readonly name: string
  readonly run: (visit: V) => Promise<unknown>
  readonly expected: unknown
}

/** Waits until what has been printed is enough. */
export async function whenPrinted<T>(
  { printed }: Visit,
  read: (lines: readonly string[]) => T,
  isEnough: (read: T) => boolean,
): Promise<T> {
  for (;;) {
    const found = read(printed())
    if (isEnough(found)) return found
    await sleep(20)
  }
}
