import { Dispatcher, Members, RecentNames, SharedBucket, SharedSessions } from '@stigmergy/core/cluster'
import { Partition } from '@stigmergy/core/cell'
import type { Journal } from '@stigmergy/core'
import { Servers } from './servers.js'

/** A defect in the protocol of a cluster: planted, it must be found, and be gone afterwards. */
export interface PlantedBug {
  readonly name: string
  /** Returns what takes it out again. */
  readonly plant: () => () => void
}

/** Replaces a method or a getter for a while. */
function replace<T extends object>(
  type: { readonly prototype: T },
  member: string,
  by: PropertyDescriptor,
): () => void {
  const { prototype } = type
  const own = Object.getOwnPropertyDescriptor(prototype, member)
  if (own === undefined) throw new Error(`There is no ${member} to replace`)
  Object.defineProperty(prototype, member, { configurable: true, ...by })
  return () => Object.defineProperty(prototype, member, own)
}

/** The journal as members see it, changed. */
function withJournal(change: (journal: Journal) => Journal): () => void {
  const own = Object.getOwnPropertyDescriptor(Servers.prototype, 'journalOf')!.value as Servers['journalOf']
  return replace(Servers, 'journalOf', {
    value(this: Servers, ...args: Parameters<typeof own>) {
      return change(own.apply(this, args))
    },
  })
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'a log is written without looking whether somebody else has',
    plant: () =>
      withJournal((journal) => ({
        ...journal,
        append: (subject, record, options) =>
          journal.append(subject, record, options?.id === undefined ? {} : { id: options.id }),
      })),
  },
  {
    name: 'a write that was not answered is written twice',
    plant: () =>
      withJournal((journal) => ({
        ...journal,
        append: (subject, record, { id: _id, after: _after } = {}) => journal.append(subject, record),
      })),
  },
  {
    name: 'a new holder does not read the end of the log',
    plant: () =>
      withJournal((journal) => ({
        ...journal,
        read: async (subject, options) => (await journal.read(subject, options)).slice(0, -1),
      })),
  },
  {
    name: 'nobody is ever taken for dead',
    plant: () => {
      const undo = [
        replace(Members, 'silent', { get: () => [] }),
        replace(Members, 'isLive', { value: () => true }),
      ]
      return () => undo.forEach((each) => each())
    },
  },
  {
    name: 'the work of a dead node is not given to another',
    plant: () => replace(Dispatcher, 'nodesChanged', { value: () => undefined }),
  },
  {
    name: 'a repeated put is a new object',
    plant: () => replace(RecentNames, 'has', { value: () => false }),
  },
  {
    name: 'a firing is never done',
    plant: () => replace(SharedBucket, 'done', { value: () => undefined }),
  },
  {
    name: 'a firing has another id at each holder',
    plant: () => {
      let count = 0
      return replace(Partition, 'firingId', { value: (seq: number) => `${(count += 1)}.${seq}` })
    },
  },
  {
    name: 'a snapshot forgets firings that are not done',
    plant: () => {
      const own = Object.getOwnPropertyDescriptor(SharedBucket.prototype, 'state')!
        .value as SharedBucket['state']
      return replace(SharedBucket, 'state', {
        value(this: SharedBucket, ...args: Parameters<typeof own>) {
          return { ...own.apply(this, args), orders: [] }
        },
      })
    },
  },
  {
    name: 'a snapshot forgets the sessions',
    plant: () => replace(SharedSessions, 'state', { get: () => [] }),
  },
  {
    name: 'a holder that was overtaken catches up and goes on',
    plant: () =>
      withJournal((journal) => ({
        ...journal,
        append: async (subject, record, { id } = {}) => {
          const after = await journal.last(subject)
          return journal.append(subject, record, id === undefined ? { after } : { after, id })
        },
      })),
  },
]
