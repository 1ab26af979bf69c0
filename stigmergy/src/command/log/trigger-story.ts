import type {
  Outcome,
  RuntimeDefinition,
  RuntimeEvent,
  StepEvent,
  StepExplanation,
  TriggerExplanation,
} from 'stigmergy'
import { explainedStep, explainPartition, type Partition, type Step } from '@stigmergy/core/cell'
import { counted } from '../counted.js'
import type { LoggedTrigger } from './event-log.js'
import { LastLines, type Moments } from './moments.js'
import { ReplayedTrigger } from './replayed-trigger.js'

export interface StorySettings {
  /** Only what concerns this session is told. */
  readonly session: string | undefined
  /** Steps of each state that are told. */
  readonly last: number
  readonly moments: Moments
}

/** A story as text, and as data. */
export interface Told {
  readonly text: string
  readonly data: unknown
}

/** Of a trigger that has a state per session, the states of so many sessions are told, the last ones. */
const mostPartitions = 200

/** What a trigger did, state by state. */
export class TriggerStory {
  readonly #replayed: ReplayedTrigger
  readonly #stories = new Map<string, PartitionStory>()
  #left = 0
  /** Objects that reached no state, by why. */
  readonly #turnedAway = new Map<string, number>()
  #stepped: number | undefined

  constructor(
    app: string,
    private readonly trigger: LoggedTrigger,
    definition: RuntimeDefinition,
    private readonly settings: StorySettings,
  ) {
    this.#replayed = new ReplayedTrigger(app, trigger, definition, {
      committed: (partition, event, step) => this.#storyOf(partition)?.add(event, step),
      faulted: (partition, event, error) => this.#storyOf(partition)?.fault(event, error),
      sessionEnded: (partition, outcome) => this.#storyOf(partition)?.end(outcome),
    })
  }

  get partitions(): readonly Told[] {
    return [...this.#stories.values()]
  }

  /** What is not of one state; undefined when there is nothing to say. */
  get summary(): Told | undefined {
    const { session } = this.settings
    if (session !== undefined) return undefined
    const { id, primitive } = this.trigger
    const away = [...this.#turnedAway].map(([reason, number]) => `${number} ${reason}`).join(', ')
    const lines = [
      ...(this.#stories.size === 0 ? [`trigger ${id} (${primitive}): nothing has come to it`] : []),
      ...(away === '' ? [] : [`trigger ${id} turned objects away: ${away}`]),
      ...(this.#left === 0 ? [] : [`${counted(this.#left, 'earlier state')} of ${id} not told`]),
    ]
    const data = { trigger: id, turnedAway: Object.fromEntries(this.#turnedAway), statesNotTold: this.#left }
    return lines.length === 0 ? undefined : { text: lines.join('\n'), data }
  }

  take(event: RuntimeEvent): void {
    this.#replayed.take(event)
    if ('trigger' in event && event.trigger === this.trigger.id) this.#countAway(event)
  }

  finish(at: number): void {
    this.#replayed.finish(at)
  }

  /** What a step lets go of is told there; whatever else is let go of has not reached a state. */
  #countAway(event: RuntimeEvent): void {
    if (event.type === 'trigger-stepped' && 'object' in event.step) this.#stepped = event.step.object.seq
    if (event.type !== 'object-disposed' || event.object.seq === this.#stepped) return
    if (!turnedAway.has(event.reason)) return
    this.#turnedAway.set(event.reason, (this.#turnedAway.get(event.reason) ?? 0) + 1)
  }

  #storyOf(partition: Partition): PartitionStory | undefined {
    const { session } = this.settings
    if (session !== undefined && partition.name.session !== session) return undefined
    const key = JSON.stringify(partition.name)
    const known = this.#stories.get(key)
    if (known?.partition === partition) return known
    const story = new PartitionStory(this.trigger, partition, this.settings)
    this.#stories.set(key, story)
    const oldest = this.#stories.size > mostPartitions ? this.#stories.keys().next().value : undefined
    if (oldest !== undefined && this.#stories.delete(oldest)) this.#left += 1
    return story
  }
}

/** Why the runtime lets go of an object before a primitive sees it. */
const turnedAway: ReadonlySet<string> = new Set(['filtered', 'overflow', 'late-closed', 'fault'])

class PartitionStory implements Told {
  readonly #lines: LastLines
  readonly #steps: StepExplanation[] = []
  /** How it stood when its session ended. */
  #end: TriggerExplanation | undefined

  constructor(
    private readonly trigger: LoggedTrigger,
    readonly partition: Partition,
    private readonly settings: StorySettings,
  ) {
    this.#lines = new LastLines(settings.last)
  }

  add(event: StepEvent, step: Step): void {
    const told = explainedStep(this.partition, event, step)
    this.#line(event, `${told.event.padEnd(24)}  ${outcomeText(told)}`)
    this.#steps.push(told)
    if (this.#steps.length > this.settings.last) this.#steps.shift()
  }

  fault(event: StepEvent, error: Error): void {
    this.#line(event, error.message)
  }

  end(outcome: Outcome): void {
    const explained = explainPartition(this.partition)
    this.#end = { ...explained, says: [...explained.says, `the session has ended, ${outcome}`] }
  }

  get text(): string {
    const { id, primitive } = this.trigger
    const { session, by } = this.partition.name
    const whose = [
      ...(session === undefined ? [] : [`, session ${session === '' ? 'none' : session}`]),
      ...(by === undefined ? [] : [`, by ${by}`]),
    ].join('')
    const says = this.#explanation.says.map((sentence) => `           ${sentence}`)
    return [`trigger ${id} (${primitive})${whose}`, ...this.#lines.all, ...says].join('\n')
  }

  get data(): TriggerExplanation {
    return { ...this.#explanation, steps: this.#steps }
  }

  get #explanation(): TriggerExplanation {
    return this.#end ?? explainPartition(this.partition)
  }

  #line({ at }: StepEvent, text: string): void {
    this.#lines.add(`${this.settings.moments.text(at)}  ${text}`)
  }
}

function outcomeText({ outcome, fired, disposed, unsatisfied, awaiting }: StepExplanation): string {
  const parts = [
    ...fired.map((keys) => `fired [${keys.join(' ')}]`),
    ...disposed.map(({ key, reason }) => `${reason} ${key}`),
    ...(unsatisfied === undefined ? [] : [`can never fire: ${unsatisfied.message ?? unsatisfied.reason}`]),
  ]
  return parts.length > 0 ? parts.join('; ') : `${outcome}${awaitsText(awaiting)}`
}

const mostNamed = 10

function awaitsText({ keys = [], count = 0, closed = [] }: StepExplanation['awaiting']): string {
  const parts = [
    ...(keys.length > 0
      ? [keys.slice(0, mostNamed).join(', ') + (keys.length > mostNamed ? ', …' : '')]
      : []),
    ...(count > 0 ? [`${count} more`] : []),
    ...(closed.length > 0 ? [`the end of ${closed.slice(0, mostNamed).join(', ')}`] : []),
  ]
  return parts.length === 0 ? '' : `, awaits ${parts.join(' and ')}`
}
