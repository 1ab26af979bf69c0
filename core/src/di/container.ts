import 'reflect-metadata'
import { container, type DependencyContainer, type InjectionToken } from 'tsyringe'
import type { Met, Needs } from '../contract/plugin.js'
import { markCopy } from '../copy.js'
import type { Token } from './tokens.js'

/** A part of a runtime and what stands behind it. */
export interface Provision {
  readonly token: Token<unknown>
  /** Whether the part is made for each runtime, and closed with it. */
  readonly isNew: boolean
  readonly needs: Needs
  readonly make: (needs: never) => unknown
}

/** Puts `value` behind a seam: `provide(Tokens.Clock, new ManualClock())`. The caller goes on owning it. */
export function provide<T>(token: Token<T>, value: NoInfer<T>): Provision {
  return markCopy({ token, isNew: false, needs: {}, make: () => value })
}

/**
 * Puts what `make` returns behind a seam: made anew for each runtime, and closed with it. `needs` are parts that it is made of:
 * `provideNew(Tokens.ObjectStore, ({ clock }) => new MyStore(clock), { clock: Tokens.Clock })`.
 */
export function provideNew<T, const N extends Needs = Needs>(
  token: Token<T>,
  make: (needs: Met<N>) => NoInfer<T>,
  needs?: N,
): Provision {
  return markCopy({ token, isNew: true, needs: needs ?? {}, make })
}

/** The parts of one runtime. It shares nothing with other runtimes, and closes nothing: what is opened has an owner. */
export class Parts {
  readonly #container: DependencyContainer = container.createChildContainer()

  set<T>(token: Token<T>, value: T): void {
    this.#container.register(token, { useValue: value })
  }

  has(token: Token<unknown>): boolean {
    return this.#container.isRegistered(token)
  }

  get<T>(token: Token<T>): T {
    return this.#container.resolve<T>(token)
  }

  /** The parts that stand behind needs. */
  meet(needs: Needs): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(needs).map(([name, token]) => [name, this.get(token)]))
  }

  /** Makes the class with its `@inject` parameters. */
  make<T>(type: InjectionToken<T>): T {
    return this.#container.resolve(type)
  }
}
