import type { ClusterMember, ClusterOptions, Journal, Register, Transport } from '@stigmergy/core'
import { MemoryTransport } from '@stigmergy/transport-memory'
import { createHash } from 'node:crypto'
import { mutant, WrappedExchange, type ExchangeMutant } from './wrapped-exchange.js'

/** Puts all clusters into one. */
class KnowsOneCluster extends WrappedExchange {
  override join(options: ClusterOptions): Promise<ClusterMember> {
    return super.join({ ...options, cluster: 'all' })
  }
}

/** Makes a valid name of whatever it is given. */
class TakesAnyName extends WrappedExchange {
  override join(options: ClusterOptions): Promise<ClusterMember> {
    return super.join({ ...options, cluster: createHash('sha256').update(options.cluster).digest('hex') })
  }
}

/** Gives each member a network of its own. */
class ConnectsNobody extends WrappedExchange {
  protected override transport(): Transport {
    return new MemoryTransport()
  }
}

/** Joins, wanted or not. */
class IgnoresTheSignal extends WrappedExchange {
  override join({ cluster }: ClusterOptions): Promise<ClusterMember> {
    return super.join({ cluster })
  }
}

/** Leaves by its transport alone. */
class GoesOnWhenClosed extends WrappedExchange {
  protected override leave({ transport }: ClusterMember): Promise<void> {
    return transport.close()
  }
}

/** Refuses to close what is closed. */
class ClosesOnce extends WrappedExchange {
  readonly #closed = new Set<ClusterMember>()

  protected override async leave(member: ClusterMember): Promise<void> {
    if (this.#closed.has(member)) throw new Error('The member is closed already')
    this.#closed.add(member)
    await member.close()
  }
}

/** Has a timer that the close of a member does not know. */
class LeavesATimer extends WrappedExchange {
  protected override register(register: Register): Register {
    setTimeout(() => undefined, 3_000)
    return register
  }
}

/** Waits for servers that are away, however long. */
class WaitsForEver extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    return {
      ...journal,
      last: (subject) => journal.last(subject).catch(() => new Promise<never>(() => undefined)),
    }
  }
}

/** Forgets those who watch when the servers go away. */
class ForgetsWatchers extends WrappedExchange {
  readonly #watches = new Set<AsyncDisposable>()

  protected override register(register: Register): Register {
    return {
      ...register,
      watch: async (prefix, watcher) => {
        const watch = await register.watch(prefix, watcher)
        this.#watches.add(watch)
        return watch
      },
    }
  }

  override stop(): void {
    for (const watch of this.#watches) void watch[Symbol.asyncDispose]()
    super.stop()
  }
}

export const membershipMutants: readonly ExchangeMutant[] = [
  mutant('M1', 'apart', KnowsOneCluster),
  mutant('M2', 'names', TakesAnyName),
  mutant('M3', 'frames', ConnectsNobody),
  mutant('M4', 'aborts', IgnoresTheSignal),
  mutant('M5', 'closed', GoesOnWhenClosed),
  mutant('M6', 'close-again', ClosesOnce),
  mutant('M7', 'nothing-left', LeavesATimer),
  mutant('M8', 'unavailable', WaitsForEver),
  mutant('M9', 'resumes', ForgetsWatchers),
]
