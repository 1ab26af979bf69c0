import type { ClusterExchangeSubject } from '@stigmergy/conformance'
import type {
  ClusterExchange,
  ClusterMember,
  ClusterOptions,
  Journal,
  Register,
  Transport,
} from '@stigmergy/core'
import { memoryCluster, type MemoryClusterExchange } from '@stigmergy/transport-memory'

/** An exchange that is sound until a mutant overrides a part of its members. */
export class WrappedExchange implements ClusterExchange {
  readonly name = 'wrapped'
  memory: MemoryClusterExchange

  constructor(maxJournalBytes = 2 ** 26) {
    this.memory = memoryCluster({ maxJournalBytes })
  }

  async join(options: ClusterOptions): Promise<ClusterMember> {
    const member = await this.memory.join(options)
    const close = (): Promise<void> => this.leave(member)
    return {
      transport: this.transport(member.transport),
      register: this.register(member.register),
      journal: this.journal(member.journal),
      close,
      [Symbol.asyncDispose]: close,
    }
  }

  /** The servers go away. */
  stop(): void {
    this.memory.stop()
  }

  protected transport(transport: Transport): Transport {
    return transport
  }

  protected register(register: Register): Register {
    return register
  }

  protected journal(journal: Journal): Journal {
    return journal
  }

  protected leave(member: ClusterMember): Promise<void> {
    return member.close()
  }
}

type WrappedClass = new (maxJournalBytes?: number) => WrappedExchange

/** A subject whose exchanges are of this class. */
export function subjectOf(Wrapped: WrappedClass): ClusterExchangeSubject {
  const exchange = new Wrapped()
  return {
    name: Wrapped.name,
    runs: 100,
    deadlineMs: 500,
    exchange,
    withJournalOf: (bytes) => new Wrapped(bytes),
    outage: { begin: () => exchange.stop(), end: () => exchange.memory.resume() },
  }
}

/** An exchange that breaks a law. */
export interface ExchangeMutant {
  readonly law: string
  readonly lawName: string
  readonly subject: ClusterExchangeSubject
}

export function mutant(law: string, lawName: string, Wrapped: WrappedClass): ExchangeMutant {
  return { law, lawName, subject: subjectOf(Wrapped) }
}
