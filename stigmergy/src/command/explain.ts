import type { Command } from 'commander'
import type {
  RuntimeDefinition,
  RuntimeEvent,
  StepEvent,
  StepExplanation,
  TriggerExplanation,
} from 'stigmergy'
import { explainedStep, explainPartition, type Partition, type Step } from '@stigmergy/core/cell'
import type { Desk } from './desk.js'
import { unusable } from './import-file.js'
import { loadConfig, withConfig } from './load-config.js'
import type { LoggedTrigger, LogHead } from './log/event-log.js'
import { LastLines, Moments } from './log/moments.js'
import { openLog } from './log/read-log.js'
import { ReplayedTrigger } from './log/replayed-trigger.js'
import { toldOf } from './log/session-story.js'
import { wholeNumber } from './numbers.js'

interface Options {
  readonly config?: string
  readonly log: string
  readonly last: number
}

/** `stigmergy explain`: why a trigger or a session of a logged run did what it did. */
export function addExplain(program: Command, desk: Desk): void {
  const command = program
    .command('explain')
    .summary('say why a trigger or a session did what it did')
    .description('Says of a trigger or a session of a logged run what it did, and what it still waited for.')
  withConfig(command)
    .argument('<subject>', 'a trigger, such as prices.total, or a session by its name')
    .requiredOption('--log <file>', 'what run --log has written')
    .option('--last <n>', 'steps and events that are told, the last ones', wholeNumber, 50)
    .action((subject: string, options: Options) => explain(desk, subject, options))
}

async function explain(desk: Desk, subject: string, { config, log: path, last }: Options): Promise<void> {
  const { definition } = await loadConfig(config)
  const { head, events } = await openLog(path)
  const named = head.triggers.filter(({ id }) => id === subject)
  const session = named.length === 0 ? subject : undefined
  const moments = new Moments()
  const story = new LastLines(last)
  const triggers = (session === undefined ? named : head.triggers).map(
    (trigger) => new TriggerStory(head, trigger, definition, { session, last, moments }),
  )
  let isKnown = session === undefined
  for await (const event of events) {
    const time = moments.text(event.at)
    const told = session === undefined ? undefined : toldOf(session, event)
    if (told !== undefined) {
      isKnown = true
      story.add(`${time}  ${told}`)
      if (desk.json) await desk.result('', event)
    }
    for (const trigger of triggers) trigger.take(event)
  }
  if (!isKnown) throw unknown(subject, head, path)
  if (session !== undefined && !desk.json)
    await desk.result([`session ${session}`, ...story.all].join('\n'), undefined)
  for (const trigger of triggers)
    for (const partition of trigger.partitions) await desk.result(partition.text, partition.data)
}

function unknown(subject: string, { triggers }: LogHead, path: string): Error {
  const ids = triggers.map(({ id }) => id).join(', ')
  return unusable(
    `${path} has no trigger and no session ${JSON.stringify(subject)}. Its triggers are ${ids || 'none'}.`,
    path,
  )
}

interface StorySettings {
  /** Only what concerns this session is told. */
  readonly session: string | undefined
  readonly last: number
  readonly moments: Moments
}

/** Of a trigger that has a state per session, the states of so many sessions are told, the last ones. */
const mostPartitions = 200

/** What a trigger did, partition by partition. */
class TriggerStory {
  readonly #replayed: ReplayedTrigger
  readonly #stories = new Map<string, PartitionStory>()
  readonly #settings: StorySettings

  constructor(
    head: LogHead,
    private readonly trigger: LoggedTrigger,
    definition: RuntimeDefinition,
    settings: StorySettings,
  ) {
    this.#settings = settings
    this.#replayed = new ReplayedTrigger(head.app, trigger, definition, {
      committed: (partition, event, step) => this.#storyOf(partition)?.add(event, step),
      faulted: (partition, event, error) => this.#storyOf(partition)?.fault(event, error),
    })
  }

  get partitions(): readonly PartitionStory[] {
    return [...this.#stories.values()]
  }

  take(event: RuntimeEvent): void {
    this.#replayed.take(event)
  }

  #storyOf(partition: Partition): PartitionStory | undefined {
    const { session } = this.#settings
    if (session !== undefined && partition.name.session !== session) return undefined
    const key = JSON.stringify(partition.name)
    const known = this.#stories.get(key)
    if (known?.partition === partition) return known
    const story = new PartitionStory(this.trigger, partition, this.#settings)
    this.#stories.set(key, story)
    const oldest = this.#stories.size > mostPartitions ? this.#stories.keys().next().value : undefined
    if (oldest !== undefined) this.#stories.delete(oldest)
    return story
  }
}

class PartitionStory {
  readonly #lines: LastLines
  readonly #steps: StepExplanation[] = []

  constructor(
    private readonly trigger: LoggedTrigger,
    readonly partition: Partition,
    private readonly settings: StorySettings,
  ) {
    this.#lines = new LastLines(settings.last)
  }

  add(event: StepEvent, step: Step): void {
    const told = explainedStep(this.partition, event, step)
    this.#lines.add(`${this.settings.moments.text(event.at)}  ${told.event.padEnd(24)}  ${outcomeText(told)}`)
    this.#steps.push(told)
    if (this.#steps.length > this.settings.last) this.#steps.shift()
  }

  fault({ at }: StepEvent, error: Error): void {
    this.#lines.add(`${this.settings.moments.text(at)}  ${error.message}`)
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
    return explainPartition(this.partition)
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
