import type { Command } from 'commander'
import type { RuntimeEvent } from 'stigmergy'
import type { Desk } from './desk.js'
import { unusable } from './import-file.js'
import { loadConfig, withConfig } from './load-config.js'
import type { LogHead } from './log/event-log.js'
import { LastLines, Moments } from './log/moments.js'
import { openLog, takeAll } from './log/read-log.js'
import { toldOf } from './log/session-story.js'
import { TriggerStory } from './log/trigger-story.js'
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
    .option(
      '--last <n>',
      'steps and events that are told of each trigger and session, the last ones',
      wholeNumber,
      50,
    )
    .action((subject: string, options: Options) => explain(desk, subject, options))
}

async function explain(desk: Desk, subject: string, { config, log: path, last }: Options): Promise<void> {
  const log = await openLog(path)
  const { head } = log
  const { definition } = await loadConfig(config)
  const named = head.triggers.filter(({ id }) => id === subject)
  const session = named.length === 0 ? new SessionStory(desk, subject, last) : undefined
  const moments = new Moments()
  const told = { session: session?.id, last, moments }
  const triggers = (session === undefined ? named : head.triggers).map(
    (trigger) => new TriggerStory(head.app, trigger, definition, told),
  )
  const flaw = await takeAll(log, async (event) => {
    moments.take(event.at)
    await session?.take(event, moments)
    for (const trigger of triggers) trigger.take(event)
  })
  if (session?.isKnown === false) throw flaw ?? unknown(subject, head, path)
  await session?.tell()
  for (const trigger of triggers) await tellTrigger(desk, trigger, moments)
  if (flaw !== undefined) throw flaw
}

async function tellTrigger(desk: Desk, trigger: TriggerStory, { last }: Moments): Promise<void> {
  trigger.finish(last)
  for (const partition of trigger.partitions) await desk.result(partition.text, partition.data)
  if (trigger.summary !== undefined) await desk.result(trigger.summary.text, trigger.summary.data)
}

function unknown(subject: string, { triggers }: LogHead, path: string): Error {
  const ids = triggers.map(({ id }) => id).join(', ')
  return unusable(
    `${path} has no trigger and no session ${JSON.stringify(subject)}. Its triggers are ${ids || 'none'}.`,
    path,
  )
}

/** What happened in a session: as text at the end, as data at once. */
class SessionStory {
  isKnown = false
  readonly #lines: LastLines

  constructor(
    private readonly desk: Desk,
    readonly id: string,
    last: number,
  ) {
    this.#lines = new LastLines(last)
  }

  async take(event: RuntimeEvent, moments: Moments): Promise<void> {
    const told = toldOf(this.id, event)
    if (told === undefined) return
    this.isKnown = true
    if (this.desk.json) await this.desk.result('', event)
    else this.#lines.add(`${moments.text(event.at)}  ${told}`)
  }

  async tell(): Promise<void> {
    if (!this.desk.json)
      await this.desk.result([`session ${this.id}`, ...this.#lines.all].join('\n'), undefined)
  }
}
