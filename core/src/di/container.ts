import 'reflect-metadata'
import { container, type DependencyContainer, type InjectionToken } from 'tsyringe'
import type { Token } from './tokens.js'

/** A part of a runtime and what stands behind it. */
export interface Provision {
  readonly token: Token<unknown>
  /** Called once per runtime. */
  readonly make: () => unknown
  /** Whether the runtime closes what was made. */
  readonly owned: boolean
}

/** Puts `value` behind a seam: `provide(Tokens.Clock, new ManualClock())`. The caller goes on owning it. */
export function provide<T>(token: Token<T>, value: NoInfer<T>): Provision {
  return { token, make: () => value, owned: false }
}

/** Puts what `make` returns behind a seam: made anew for each runtime, and closed with it. */
export function provideNew<T>(token: Token<T>, make: () => NoInfer<T>): Provision {
  return { token, make, owned: true }
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

  /** Makes the class with its `@inject` parameters. */
  make<T>(type: InjectionToken<T>): T {
    return this.#container.resolve(type)
  }
}
