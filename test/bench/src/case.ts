/** What a figure counts. Of `events/s` more is better, of the others less. */
export type Unit = 'µs' | 'events/s' | 'MB'

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
  readonly close: () => Promise<void>
}

/** One way to do the work of a case. */
export interface Subject {
  readonly name: string
  open(effort: Effort): Probe | Promise<Probe>
}

/** One kind of work, and the subjects that do it. */
export interface Case {
  readonly name: string
  /** One sentence on what one figure is. */
  readonly figure: string
  readonly unit: Unit
  /** How often each subject has its turn. */
  readonly rounds: number
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
export function probe(batch: Probe['batch'], close: Probe['close'] = async () => undefined): Probe {
  return { batch, close }
}
