import {
  AwayRun,
  Dispatcher,
  Executor,
  Helpers,
  Helping,
  LossWatch,
  Members,
  RecentNames,
  SharedBucket,
  SharedSessions,
} from '@stigmergy/core/cluster'
import { Partition } from '@stigmergy/core/cell'
import { type Journal, StigmergyError } from '@stigmergy/core'
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
    name: 'what a lost node ran for others is not run again',
    plant: () => {
      const own = Object.getOwnPropertyDescriptor(Helpers.prototype, 'ended')!.value as Helpers['ended']
      return replace(Helpers, 'ended', {
        value(this: Helpers, ...[run, error]: Parameters<Helpers['ended']>) {
          if (!StigmergyError.is(error, 'STG_WORKER_LOST')) own.call(this, run, error)
        },
      })
    },
  },
  {
    name: 'what a run elsewhere says is heard as often as it comes',
    plant: () => {
      const own = Object.getOwnPropertyDescriptor(AwayRun.prototype, 'hear')!.value as AwayRun['hear']
      const heard = new WeakMap<AwayRun, number>()
      return replace(AwayRun, 'hear', {
        value(this: AwayRun, _n: number, _unanswered: number, said: Parameters<typeof own>[2]) {
          const n = (heard.get(this) ?? 0) + 1
          heard.set(this, n)
          return own.call(this, n, 0, said)
        },
      })
    },
  },
  {
    name: 'a node does not hear that the home of what it runs lives',
    plant: () => replace(Helping, 'wanted', { value: () => [] }),
  },
  {
    name: 'a node holds on to what it has run for others',
    plant: () => replace(Helping, 'over', { value: () => undefined }),
  },
  {
    name: 'nobody is told of what was in a memory that is lost',
    plant: () => replace(LossWatch, 'look', { value: () => undefined }),
  },
  {
    name: 'what was put into a session by name is not put again when it runs again',
    plant: () => replace(SharedSessions, 'admitted', { value: () => undefined }),
  },
  {
    name: 'what no other node takes is forgotten',
    plant: () => replace(Executor, 'takeBack', { value: () => undefined }),
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
