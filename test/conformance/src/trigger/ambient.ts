import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'

/**
 * Lets clocks, generators, timers and files notice that a hook uses them: such a use is noted, and throws. Outside of hooks
 * everything works as usual.
 */
export class AmbientWatch {
  readonly #used = new Set<string>()
  readonly #restore: () => void
  #inHook = false

  constructor() {
    this.#restore = replaceAll((name) => {
      if (!this.#inHook) return
      this.#used.add(name)
      throw new Error(`A hook uses ${name}`)
    })
  }

  /** Calls a hook. */
  during<Result>(hook: () => Result): Result {
    this.#inHook = true
    try {
      return hook()
    } finally {
      this.#inHook = false
    }
  }

  /** The names of what hooks have used since the last call. */
  takeUsed(): readonly string[] {
    const used = [...this.#used]
    this.#used.clear()
    return used
  }

  /** Puts everything back. */
  end(): void {
    this.#restore()
  }
}

type Notice = (name: string) => void

/** Where clocks, chance and I/O come from. */
const places: readonly (readonly [where: string, holder: object, names: readonly string[]])[] = [
  ['Math', Math, ['random']],
  ['Date', Date, ['now']],
  ['performance', performance, ['now']],
  ['process', process, ['hrtime', 'uptime', 'cpuUsage', 'nextTick']],
  ['process.hrtime', process.hrtime, ['bigint']],
  ['', globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']],
  ['timers', timers, ['setTimeout', 'setInterval', 'setImmediate']],
  ['crypto', globalThis.crypto, ['getRandomValues', 'randomUUID']],
  ['crypto', crypto, ['randomBytes', 'randomInt', 'randomUUID', 'randomFillSync', 'getRandomValues']],
  [
    'fs',
    fs,
    ['readFileSync', 'writeFileSync', 'appendFileSync', 'existsSync', 'statSync', 'openSync', 'readdirSync'],
  ],
]

function replaceAll(notice: Notice): () => void {
  const undo = places.flatMap(([where, holder, names]) =>
    names.map((name) => replace(holder, name, notice, where === '' ? name : `${where}.${name}`)),
  )
  undo.push(replaceDate(notice))
  syncBuiltinESMExports()
  return () => {
    for (const each of undo.reverse()) each()
    syncBuiltinESMExports()
  }
}

function replace(holder: object, name: string, notice: Notice, full: string): () => void {
  const original: unknown = Reflect.get(holder, name)
  if (typeof original !== 'function') return () => undefined
  const apply = (_target: unknown, self: unknown, args: unknown[]): unknown => {
    notice(full)
    return Reflect.apply(original, self, args)
  }
  return define(holder, name, new Proxy(original, { apply }))
}

/** `new Date(ms)` is a computation; `new Date()` and `Date()` read the clock. */
function replaceDate(notice: Notice): () => void {
  const original = Date
  const construct = (target: DateConstructor, args: unknown[], newTarget: NewableFunction): object => {
    if (args.length === 0) notice('new Date()')
    return Reflect.construct(target, args, newTarget) as object
  }
  const apply = (): string => {
    notice('Date()')
    return original()
  }
  return define(globalThis, 'Date', new Proxy(original, { construct, apply }))
}

function define(holder: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name)
  if (!Reflect.defineProperty(holder, name, { value, configurable: true, writable: true }))
    return () => undefined
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name)
    else Object.defineProperty(holder, name, before)
  }
}
