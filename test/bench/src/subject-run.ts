import type { Case, Effort, Probe, Row, Subject, Unit } from './case.js'
import { summarise } from './statistics.js'

/** Measures one subject turn by turn. */
export class SubjectRun {
  readonly #figures: number[] = []
  #heapAtStart: number | undefined

  private constructor(
    readonly measured: Case,
    readonly subject: Subject,
    readonly probe: Probe,
  ) {}

  static async open(measured: Case, subject: Subject, effort: Effort, scratch: string): Promise<SubjectRun> {
    return new SubjectRun(measured, subject, await subject.open(effort, scratch))
  }

  /** A turn that does not count. */
  async warmUp(): Promise<void> {
    await this.probe.batch()
    await this.probe.batch()
  }

  /** One batch that fills the caches, which another process had until now, and one that counts. */
  async turn(): Promise<void> {
    this.#heapAtStart ??= liveHeap()
    if (this.measured.long !== true) await this.probe.batch()
    for (const figure of await this.probe.batch()) this.#figures.push(figure)
  }

  /** Ends the run and says what came out. */
  async finish(): Promise<readonly Row[]> {
    const { name, unit, memory } = this.measured
    const programs = this.probe.memory?.() ?? []
    const rows = [
      this.#row(name, unit, this.#figures),
      ...(programs.length > 0 ? [this.#row(`${name}-rss`, 'MB', programs)] : []),
      ...(memory === true ? this.#memory() : []),
    ]
    await this.probe.close()
    return rows
  }

  /** The peak includes what node itself needs, and the garbage that it had not collected yet. */
  #memory(): readonly Row[] {
    const { name } = this.measured
    const growth = (liveHeap() - (this.#heapAtStart ?? 0)) / 1e6
    return [
      this.#row(`${name}-rss`, 'MB', [(process.resourceUsage().maxRSS * 1_024) / 1e6]),
      this.#row(`${name}-heap`, 'MB', [growth]),
    ]
  }

  #row(name: string, unit: Unit, figures: readonly number[]): Row {
    return { case: name, subject: this.subject.name, unit, ...summarise(figures) }
  }
}

/** What is reachable, in bytes, if node was started with `--expose-gc`. */
function liveHeap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
