import { StigmergyError, type ClusterMember, type ClusterOptions, type Journal } from '@stigmergy/core'
import { memoryCluster } from '@stigmergy/transport-memory'
import { mutant, WrappedExchange, type ExchangeMutant } from './wrapped-exchange.js'

/** Loses what is beyond 64 KiB of a record. */
class CutsRecords extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    return {
      ...journal,
      append: async (subject, record, options) => {
        if (record.length > journal.maxRecordBytes) throw new TypeError('The record is too large')
        return journal.append(subject, record.subarray(0, 2 ** 16), options)
      },
    }
  }
}

/** Reads from a record on, not behind it. */
class ReadsFromAfter extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    return {
      ...journal,
      read: (subject, { after = 0, ...options } = {}) =>
        journal.read(subject, { ...options, after: Math.max(0, after - 1) }),
    }
  }
}

/** Forgets which record was the last one when all are trimmed. */
class ForgetsTheLast extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    return { ...journal, last: async (subject) => (await journal.read(subject)).at(-1)?.seq ?? 0 }
  }
}

/** Looks which record is the last one, and appends afterwards. */
class ComparesThenAppends extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    return {
      ...journal,
      append: async (subject, record, { after, ...options } = {}) =>
        after === undefined || after === (await journal.last(subject))
          ? journal.append(subject, record, options)
          : journal.append(subject, record, { ...options, after }),
    }
  }
}

/** Looks at `after` first, so that what was stored is a conflict when it is repeated. */
class ConflictsWithItself extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    return {
      ...journal,
      append: async (subject, record, options = {}) => {
        if (options.after !== undefined && options.after !== (await journal.last(subject)))
          throw new StigmergyError('STG_JOURNAL_CONFLICT', 'Somebody else has appended')
        return journal.append(subject, record, options)
      },
    }
  }
}

/** Has one list of ids for all subjects. */
class SharesIds extends WrappedExchange {
  readonly #seqs = new Map<string, number>()

  protected override journal(journal: Journal): Journal {
    return {
      ...journal,
      append: async (subject, record, { id, ...options } = {}) => {
        const known = id === undefined ? undefined : this.#seqs.get(id)
        if (known !== undefined) return known
        const seq = await journal.append(subject, record, options)
        if (id !== undefined) this.#seqs.set(id, seq)
        return seq
      },
    }
  }
}

/** Ends with its last member. */
class EndsWithItsMembers extends WrappedExchange {
  #members = 0

  override async join(options: ClusterOptions): Promise<ClusterMember> {
    if (this.#members === 0) this.memory = memoryCluster()
    const member = await super.join(options)
    this.#members += 1
    return member
  }

  protected override async leave(member: ClusterMember): Promise<void> {
    this.#members -= 1
    await member.close()
  }
}

/** Makes room by itself: what is oldest goes. */
class DropsTheOldest extends WrappedExchange {
  protected override journal(journal: Journal): Journal {
    const append: Journal['append'] = async (subject, record, options) => {
      try {
        return await journal.append(subject, record, options)
      } catch (error) {
        if (!StigmergyError.is(error, 'STG_JOURNAL_FULL')) throw error
        const [oldest] = await journal.read(subject, { limit: 1 })
        await journal.trim(subject, oldest?.seq ?? 0)
        return append(subject, record, options)
      }
    }
    return { ...journal, append }
  }
}

export const journalMutants: readonly ExchangeMutant[] = [
  mutant('J1', 'records', CutsRecords),
  mutant('J2', 'log', ReadsFromAfter),
  mutant('J2', 'log', ForgetsTheLast),
  mutant('J3', 'one-owner', ComparesThenAppends),
  mutant('J4', 'once', ConflictsWithItself),
  mutant('J4', 'once', SharesIds),
  mutant('J5', 'outlives', EndsWithItsMembers),
  mutant('J6', 'full', DropsTheOldest),
]
