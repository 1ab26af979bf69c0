import type { Register, RegisterEntry, RegisterWatcher } from '@stigmergy/core'
import { mutant, WrappedExchange, type ExchangeMutant } from './wrapped-exchange.js'

/** Counts the dots of a key, and takes that for the number of its parts. */
class TakesSevenParts extends WrappedExchange {
  protected override register(register: Register): Register {
    return {
      ...register,
      set: async (key, value, expected) => {
        if (key.split('.').length > 7) throw new TypeError(`${key} has too many parts`)
        return register.set(key, value, expected)
      },
    }
  }
}

/** Takes an expected revision of 0 for none that is expected. */
class ExpectsNothing extends WrappedExchange {
  protected override register(register: Register): Register {
    return {
      ...register,
      set: (key, value, expected) => register.set(key, value, expected === 0 ? undefined : expected),
    }
  }
}

/** Looks whether the revision is as expected, and changes the entry afterwards. */
class ComparesThenSets extends WrappedExchange {
  protected override register(register: Register): Register {
    return {
      ...register,
      set: async (key, value, expected) => {
        const revision = (await register.get(key))?.revision ?? 0
        return expected === undefined || expected === revision ? register.set(key, value) : undefined
      },
    }
  }
}

/** Spares a change that changes nothing. */
class SparesChanges extends WrappedExchange {
  protected override register(register: Register): Register {
    return {
      ...register,
      set: async (key, value, expected) => {
        const stored = await register.get(key)
        const isSame = stored !== undefined && Buffer.compare(stored.value, value) === 0
        return isSame && (expected ?? stored.revision) === stored.revision
          ? stored.revision
          : register.set(key, value, expected)
      },
    }
  }
}

/** Reads what a member has read or set before, until it looks again a moment later. */
class ReadsACopy extends WrappedExchange {
  protected override register(register: Register): Register {
    const copies = new Map<string, RegisterEntry | undefined>()
    return {
      ...register,
      get: async (key) => {
        if (copies.has(key)) return copies.get(key)
        const stored = await register.get(key)
        copies.set(key, stored)
        setImmediate(() => copies.delete(key))
        return stored
      },
    }
  }
}

/** Keeps the bytes that were given, and hands them out. */
class KeepsTheBuffer extends WrappedExchange {
  readonly #given = new Map<number, Uint8Array>()

  protected override register(register: Register): Register {
    return {
      ...register,
      set: async (key, value, expected) => {
        const revision = await register.set(key, value, expected)
        if (revision !== undefined) this.#given.set(revision, value)
        return revision
      },
      get: async (key) => {
        const stored = await register.get(key)
        return stored && { ...stored, value: this.#given.get(stored.revision) ?? stored.value }
      },
    }
  }
}

/** An exchange that tells watchers in a way of its own. */
abstract class TellsOtherwise extends WrappedExchange {
  protected abstract watcher(watcher: RegisterWatcher): RegisterWatcher

  protected override register(register: Register): Register {
    return { ...register, watch: (prefix, watcher) => register.watch(prefix, this.watcher(watcher)) }
  }
}

/** Says that all has been told, and goes on to tell it. */
class IsCurrentAtOnce extends TellsOtherwise {
  protected override watcher({ onChange, onCurrent }: RegisterWatcher): RegisterWatcher {
    let isTold = false
    return {
      onChange: (change) => {
        if (!isTold) onCurrent?.()
        isTold = true
        onChange(change)
      },
      onCurrent: () => {
        if (!isTold) onCurrent?.()
        isTold = true
      },
    }
  }
}

/** Tells the first of changes in quick succession, and not the last. */
class TellsTheFirst extends TellsOtherwise {
  protected override watcher({ onChange, onCurrent }: RegisterWatcher): RegisterWatcher {
    const told = new Set<string>()
    let isCurrent = false
    return {
      onChange: (change) => {
        if (told.has(change.key)) return
        onChange(change)
        if (!isCurrent) return
        told.add(change.key)
        setTimeout(() => told.delete(change.key), 2)
      },
      onCurrent: () => {
        isCurrent = true
        onCurrent?.()
      },
    }
  }
}

/** Takes a prefix for the beginning of a text. */
class MatchesText extends WrappedExchange {
  readonly #watches = new Set<{ readonly prefix: string; readonly watcher: RegisterWatcher }>()

  protected override register(register: Register): Register {
    return {
      ...register,
      watch: (prefix, watcher) => {
        this.#watches.add({ prefix, watcher })
        return register.watch(prefix, watcher)
      },
      set: async (key, value, expected) => {
        const revision = await register.set(key, value, expected)
        if (revision === undefined) return undefined
        for (const { prefix, watcher } of this.#watches)
          if (key.startsWith(prefix) && key !== prefix && key[prefix.length] !== '.')
            watcher.onChange({ key, value, revision })
        return revision
      },
    }
  }
}

/** Goes on telling a watcher that was disposed. */
class GoesOnTelling extends WrappedExchange {
  protected override register(register: Register): Register {
    return {
      ...register,
      watch: async (prefix, watcher) => {
        await register.watch(prefix, watcher)
        return { [Symbol.asyncDispose]: () => Promise.resolve() }
      },
    }
  }
}

export const registerMutants: readonly ExchangeMutant[] = [
  mutant('R1', 'keys', TakesSevenParts),
  mutant('R2', 'compare-and-set', ExpectsNothing),
  mutant('R3', 'one-wins', ComparesThenSets),
  mutant('R4', 'revisions', SparesChanges),
  mutant('R5', 'fresh', ReadsACopy),
  mutant('R6', 'buffers', KeepsTheBuffer),
  mutant('R7', 'watch-current', IsCurrentAtOnce),
  mutant('R8', 'watch-changes', TellsTheFirst),
  mutant('R9', 'watch-prefix', MatchesText),
  mutant('R10', 'watch-ends', GoesOnTelling),
]
