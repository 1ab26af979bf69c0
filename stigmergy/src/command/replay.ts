import { isDeepStrictEqual } from 'node:util'
import { type Command, InvalidArgumentError } from 'commander'
import type { RuntimeDefinition, RuntimeEvent, TriggerOptions } from 'stigmergy'
import { counted } from './counted.js'
import type { Desk } from './desk.js'
import { loadApp } from './load-app.js'
import { loadConfig, withConfig } from './load-config.js'
import { type LoggedTrigger, type LogHead, triggersOf } from './log/event-log.js'
import { type ComparedFiring, FiringDiff } from './log/firing-diff.js'
import { Moments } from './log/moments.js'
import { openLog } from './log/read-log.js'
import { ReplayedTrigger } from './log/replayed-trigger.js'
import { keysOf } from './log/session-story.js'
import { wholeNumber } from './numbers.js'
import { brief } from './shown.js'
import { UsageError } from './usage.js'

interface Options {
  readonly config?: string
  readonly with?: string
  readonly set: ReadonlyMap<string, unknown>
  readonly last: number
}

/** `stigmergy replay`: which firings of a logged run would differ under other options. */
export function addReplay(program: Command, desk: Desk): void {
  const command = program
    .command('replay')
    .summary('say which firings other options would change')
    .description(
      'Lets the events of a logged run happen to its triggers again, with other options, and says which firings differ.',
    )
  withConfig(command)
    .argument('<log>', 'what run --log has written')
    .option('--with <app>', 'take the options of the triggers of this app')
    .option(
      '--set <trigger=json>',
      'options of one trigger, such as prices.total={"keys":["a"]}; may be repeated',
      setting,
      new Map(),
    )
    .option('--last <n>', 'differences of each trigger that are told, the first ones', wholeNumber, 20)
    .addHelpText(
      'after',
      '\nWithout other options it checks that the triggers decide again what they have decided. The exit code is 1 when firings differ.',
    )
    .action((path: string, options: Options) => replay(desk, path, options))
}

async function replay(desk: Desk, path: string, options: Options): Promise<void> {
  const { definition } = await loadConfig(options.config)
  const { head, events } = await openLog(path)
  const others = options.with === undefined ? [] : triggersOf(await loadApp(options.with))
  const moments = new Moments()
  const replays = head.triggers.map(
    (trigger) => new Replay(head, trigger, changed(trigger, others, options.set), definition),
  )
  const unknown = [...options.set.keys()].find((id) => head.triggers.every((trigger) => trigger.id !== id))
  if (unknown !== undefined)
    throw new UsageError(
      `the log has no trigger ${unknown}; it has ${head.triggers.map(({ id }) => id).join(', ')}`,
    )
  for await (const event of events) {
    moments.text(event.at)
    for (const each of replays) each.take(event)
  }
  for (const each of replays) {
    await desk.result(each.text(moments, options.last), each.data)
    if (each.differs) desk.failed()
  }
}

/** The trigger with the options that it is to have now. */
function changed(
  trigger: LoggedTrigger,
  others: readonly LoggedTrigger[],
  set: ReadonlyMap<string, unknown>,
): LoggedTrigger {
  const { id } = trigger
  const { primitive, options, common } = others.find((other) => other.id === id) ?? trigger
  return { ...trigger, primitive, common, options: set.has(id) ? set.get(id) : options }
}

/** One trigger, as it was logged and as it is now. */
class Replay {
  readonly #diff = new FiringDiff()
  readonly #replayed: ReplayedTrigger
  readonly #faults: string[] = []

  constructor(
    head: LogHead,
    private readonly before: LoggedTrigger,
    private readonly now: LoggedTrigger,
    definition: RuntimeDefinition,
  ) {
    this.#replayed = new ReplayedTrigger(head.app, now, definition, {
      committed: ({ name: partition }, { at }, { firings }) => {
        for (const { objects, target: fn = now.target } of firings)
          this.#diff.addReplayed(compared({ at, fn, partition, objects }))
      },
      faulted: (_partition, _event, error) =>
        void (this.#faults.length < 10 && this.#faults.push(error.message)),
    })
  }

  get differs(): boolean {
    const { onlyLogged, onlyReplayed } = this.#diff
    return onlyLogged.length + onlyReplayed.length + this.#faults.length > 0
  }

  take(event: RuntimeEvent): void {
    this.#replayed.take(event)
    if (event.type === 'trigger-fired' && event.trigger === this.before.id)
      this.#diff.addLogged(compared(event))
  }

  text(moments: Moments, most: number): string {
    const { onlyLogged, onlyReplayed } = this.#diff
    const lines = [
      ...onlyLogged.map((firing) => ({ firing, sign: '-' })),
      ...onlyReplayed.map((firing) => ({ firing, sign: '+' })),
    ].sort((a, b) => a.firing.at - b.firing.at)
    const more = lines.length - most
    return [
      `${this.before.id}: ${this.#change}`,
      `  ${this.#comparison}`,
      ...lines
        .slice(0, most)
        .map(({ firing, sign }) => `  ${sign} ${moments.text(firing.at)}  ${firingText(firing)}`),
      ...(more > 0 ? [`  … ${more} more; --last shows more`] : []),
      ...this.#faults.map((fault) => `  ${fault}`),
    ].join('\n')
  }

  get #comparison(): string {
    const { same, onlyLogged, onlyReplayed } = this.#diff
    const logged = counted(same + onlyLogged.length, 'firing')
    if (!this.differs) return `${logged}, all the same`
    return `${same} of ${logged} would be the same, ${onlyReplayed.length} would be others`
  }

  get data(): unknown {
    const { same, onlyLogged, onlyReplayed } = this.#diff
    return {
      trigger: this.before.id,
      before: optionsOf(this.before),
      now: optionsOf(this.now),
      same,
      onlyLogged,
      onlyReplayed,
      faults: this.#faults,
    }
  }

  get #change(): string {
    const [before, now] = [optionsOf(this.before), optionsOf(this.now)]
    return isDeepStrictEqual(before, now)
      ? `${textOf(before)}, as before`
      : `${textOf(before)} → ${textOf(now)}`
  }
}

/** What two runs can have in common of a firing, and nothing else. */
function compared({ at, fn, partition, objects }: ComparedFiring): ComparedFiring {
  return {
    at,
    fn,
    partition,
    objects: objects.map(({ key, session, seq }) => ({ key, session, seq })),
  }
}

type Configured = Pick<LoggedTrigger, 'primitive' | 'options' | 'common'>

/** What is configured of a trigger, but for its name. */
function optionsOf({ primitive, options, common }: LoggedTrigger): Configured {
  const { name: _name, ...told } = JSON.parse(JSON.stringify(common)) as TriggerOptions
  return { primitive, options, common: told }
}

function textOf({ primitive, options, common }: Configured): string {
  const own = typeof options === 'object' && options !== null ? options : {}
  return `${primitive} ${brief({ ...own, ...common })}`
}

function firingText({ fn, partition: { session, by }, objects }: ComparedFiring): string {
  const whose = [session, by].filter((part) => part !== undefined).join(', by ')
  return `${fn} ${keysOf(objects)}${whose === '' ? '' : ` of session ${whose}`}`
}

/** Reads `trigger=json`. */
function setting(text: string, set: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const [, id, json] = /^(.+?)=([\s\S]*)$/.exec(text) ?? []
  if (id === undefined || json === undefined) throw new InvalidArgumentError('It must be trigger=json.')
  try {
    return new Map([...set, [id, JSON.parse(json) as unknown]])
  } catch (cause) {
    throw new InvalidArgumentError(`The options are no JSON: ${(cause as Error).message}.`)
  }
}
