/** What a figure counts. */
export type Unit = 'µs' | 'events/s' | 'tasks/s' | 'MB/s' | '×' | 'MB' | '%' | 'lease periods'

/** Of these more is better, of the others less. */
export const rates: ReadonlySet<Unit> = new Set(['events/s', 'tasks/s', 'MB/s', '×'])

/** Figures of one subject in one case. */
export interface Row {
  readonly case: string
  readonly subject: string
  readonly median: number
  readonly unit: Unit
  readonly p99: number
  readonly min: number
  readonly max: number
}

/** Stands in for the row of a subject that cannot be measured here, and says why. */
export interface MissingRow {
  readonly case: string
  readonly subject: string
  readonly unit: Unit
  readonly missing: string
}

/** The rows that have figures. */
export function measuredOf(rows: readonly (Row | MissingRow)[]): readonly Row[] {
  return rows.filter((row) => 'median' in row)
}

/** How much is measured: everything, or just enough to see that it runs. */
export interface Effort {
  /** Turns of each subject that are not counted. */
  readonly warmUps: number
  /** Turns of each subject that are. */
  rounds(full: number): number
  /** How many of something there are, given how many the case's name promises. */
  size(full: number): number
}

export const fullEffort: Effort = { warmUps: 20, rounds: (full) => full, size: (full) => full }
export const quickEffort: Effort = { warmUps: 1, rounds: () => 2, size: (full) => Math.ceil(full / 100) }

/** Something that is ready to be measured, in a process of its own. */
export interface Probe {
  /** Does a batch of operations and returns its figures: one per operation, or one for the whole batch. */
  readonly batch: () => Promise<readonly number[]>
  /** What the batches needed of resident memory, in MB, if they are programs of their own. */
  readonly memory?: () => readonly number[]
  readonly close: () => Promise<void>
}

/** One way to do the work of a case. */
export interface Subject {
  readonly name: string
  /** Why it cannot be measured here; undefined if it can. */
  missing?(): string | undefined
  /** `scratch` is a folder that the subjects of a run share, for what has to be a file. */
  open(effort: Effort, scratch: string): Probe | Promise<Probe>
}

/** One kind of work, and the subjects that do it. */
export interface Case {
  readonly name: string
  /** One sentence on what one figure is. */
  readonly figure: string
  readonly unit: Unit
  /** How often each subject has its turn. */
  readonly rounds: number
  /** How many turns before do not count, if a whole turn takes so long that the usual number would. */
  readonly warmUps?: number
  /** A turn is one batch and takes seconds, so that what it finds in the caches does not matter: all of it counts. */
  readonly long?: true
  /** The first is ours. */
  readonly subjects: readonly Subject[]
  /** Also report the memory of the subjects' processes. */
  readonly memory?: true
  /** Options for the node of each subject. */
  readonly nodeOptions?: readonly string[]
}

/** The name of the subject that all others are compared with. */
export const ours = 'stigmergy'

/** A probe that closes what it was given, if anything. */
export function probe(
  batch: Probe['batch'],
  close: Probe['close'] = async () => undefined,
): Pick<Probe, 'batch' | 'close'> {
  return { batch, close }
}
