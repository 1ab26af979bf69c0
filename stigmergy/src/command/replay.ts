import { isDeepStrictEqual } from 'node:util'
import { type Command, InvalidArgumentError } from 'commander'
import type { RuntimeDefinition, RuntimeEvent, TriggerOptions } from 'stigmergy'
import { counted } from './counted.js'
import type { Desk } from './desk.js'
import { importFile } from './import-file.js'
import { loadApp } from './load-app.js'
import { isDefinition, loadConfig, withConfig } from './load-config.js'
import { type LoggedTrigger, triggersOf } from './log/event-log.js'
import { type ComparedFiring, FiringDiff } from './log/firing-diff.js'
import { Moments } from './log/moments.js'
import { openLog, takeAll } from './log/read-log.js'
import { ReplayedTrigger } from './log/replayed-trigger.js'
import { keysOf } from './log/session-story.js'
import { wholeNumber } from './numbers.js'
import { brief } from './shown.js'
import { UsageError } from './usage.js'

/** Options of triggers by the triggers' ids. */
type Settings = ReadonlyMap<string, unknown>

interface Options {
  readonly config?: string
  readonly with?: string
  readonly set?: Settings
  readonly most: number
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
    .option(
      '--with <module>',
      'an app, for the options of its triggers, or a runtime config, for its primitives',
    )
    .option(
      '--set <trigger=json>',
      'options of one trigger, such as prices.total={"keys":["a"]}; may be repeated',
      setting,
    )
    .option('--most <n>', 'differences of each trigger that are told, the first ones', wholeNumber, 20)
    .addHelpText(
      'after',
      '\nWithout other options it checks that the triggers decide again what they have decided. The exit code is 1 when firings differ.',
    )
    .action((path: string, options: Options) => replay(desk, path, options))
}

async function replay(
  desk: Desk,
  path: string,
  { config, with: other, set = new Map(), most }: Options,
): Promise<void> {
  const log = await openLog(path)
  const { triggers } = log.head
  checkNames(set, triggers)
  const { definition, triggers: others } = await otherwise(config, other)
  tellUnmatched(desk, triggers, others)
  const replays = triggers.map(
    (trigger) => new Replay(log.head.app, trigger, changed(trigger, others, set), definition, most),
  )
  const moments = new Moments()
  const flaw = await takeAll(log, (event) => {
    moments.take(event.at)
    for (const each of replays) each.take(event)
  })
  for (const each of replays) {
    each.finish(moments.last)
    await desk.result(each.text(moments), each.data)
    if (each.differs) desk.failed()
  }
  if (flaw !== undefined) throw flaw
}

/** What the triggers are to be instead. */
interface Otherwise {
  readonly definition: RuntimeDefinition
  /** Undefined when nobody names an app. */
  readonly triggers?: readonly LoggedTrigger[]
}

async function otherwise(config: string | undefined, other: string | undefined): Promise<Otherwise> {
  if (other === undefined) return loadConfig(config)
  const [path = other] = other.split('#')
  const { default: exported } = await importFile(path, 'an app or a runtime config')
  if (isDefinition(exported)) return { definition: await exported.complete() }
  const { definition } = await loadConfig(config)
  return { definition, triggers: triggersOf(await loadApp(other)) }
}

function checkNames(set: Settings, triggers: readonly LoggedTrigger[]): void {
  const known = triggers.map(({ id }) => id)
  const unknown = [...set.keys()].find((id) => !known.includes(id))
  if (unknown !== undefined)
    throw new UsageError(`the log has no trigger ${unknown}; it has ${known.join(', ') || 'none'}`)
}

/** Triggers of which only the log or the other app knows. */
function tellUnmatched(
  desk: Desk,
  logged: readonly LoggedTrigger[],
  others: readonly LoggedTrigger[] = logged,
): void {
  const lacks = (triggers: readonly LoggedTrigger[], { id }: LoggedTrigger): boolean =>
    triggers.every((trigger) => trigger.id !== id)
  for (const trigger of logged.filter((each) => lacks(others, each)))
    desk.tell(`trigger ${trigger.id} is not in the other app: it keeps its options`)
  for (const trigger of others.filter((each) => lacks(logged, each)))
    desk.tell(`trigger ${trigger.id} is not in the log: nothing can be said of it`)
}

/** The trigger with the options that it is to have now. */
function changed(
  trigger: LoggedTrigger,
  others: readonly LoggedTrigger[] = [],
  set: Settings,
): LoggedTrigger {
  const { id } = trigger
  const { primitive, options, common } = others.find((other) => other.id === id) ?? trigger
  return { ...trigger, primitive, common, options: set.has(id) ? set.get(id) : options }
}

/** Faults of a trigger that are told. */
const mostFaults = 10

/** One trigger, as it was logged and as it is now. */
class Replay {
  readonly #diff: FiringDiff
  readonly #replayed: ReplayedTrigger
  readonly #faults: string[] = []
  /** When the log's last step was decided; what it fired may have been told later. */
  #steppedAt = 0

  constructor(
    app: string,
    private readonly before: LoggedTrigger,
    private readonly now: LoggedTrigger,
    definition: RuntimeDefinition,
    most: number,
  ) {
    this.#diff = new FiringDiff({ told: most })
    this.#replayed = new ReplayedTrigger(app, now, definition, {
      committed: ({ name: partition }, { at }, { firings }) => {
        for (const { objects, target: fn = now.target } of firings)
          this.#diff.addReplayed(compared({ at, fn, partition, objects }))
      },
      faulted: (_partition, _event, error) =>
        void (this.#faults.length < mostFaults && this.#faults.push(error.message)),
    })
  }

  get differs(): boolean {
    const { onlyLogged, onlyReplayed } = this.#diff
    return onlyLogged + onlyReplayed + this.#faults.length > 0
  }

  take(event: RuntimeEvent): void {
    this.#replayed.take(event)
    if (!('trigger' in event) || event.trigger !== this.before.id) return
    if (event.type === 'trigger-stepped') this.#steppedAt = event.step.at
    if (event.type === 'trigger-fired') this.#diff.addLogged(compared({ ...event, at: this.#steppedAt }))
  }

  finish(at: number): void {
    this.#replayed.finish(at)
  }

  text(moments: Moments): string {
    const { first, onlyLogged, onlyReplayed } = this.#diff
    const more = onlyLogged + onlyReplayed - first.length
    return [
      `${this.before.id}: ${this.#change}`,
      `  ${this.#comparison}`,
      ...first.map((each) => `  ${signs[each.run]} ${moments.text(each.at)}  ${firingText(each)}`),
      ...(more > 0 ? [`  … ${more} more; --most shows more`] : []),
      ...this.#faults.map((fault) => `  ${fault}`),
    ].join('\n')
  }

  get data(): unknown {
    const { same, onlyLogged, onlyReplayed, first } = this.#diff
    return {
      trigger: this.before.id,
      before: optionsOf(this.before),
      now: optionsOf(this.now),
      same,
      onlyLogged,
      onlyReplayed,
      differences: first,
      faults: this.#faults,
    }
  }

  get #comparison(): string {
    const { same, onlyLogged, onlyReplayed } = this.#diff
    const logged = counted(same + onlyLogged, 'firing')
    if (!this.differs) return `${logged}, all the same`
    return `${same} of ${logged} would be the same, ${onlyLogged} would be gone, ${onlyReplayed} would be new`
  }

  get #change(): string {
    const [before, now] = [optionsOf(this.before), optionsOf(this.now)]
    return isDeepStrictEqual(before, now)
      ? `${textOf(before)}, as before`
      : `${textOf(before)} → ${textOf(now)}`
  }
}

const signs = { logged: '-', replayed: '+' } as const

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
function setting(text: string, set: Settings = new Map()): Settings {
  const [, id, json] = /^(.+?)=([\s\S]*)$/.exec(text) ?? []
  if (id === undefined || json === undefined) throw new InvalidArgumentError('It must be trigger=json.')
  try {
    return new Map([...set, [id, JSON.parse(json) as unknown]])
  } catch (cause) {
    throw new InvalidArgumentError(`The options are no JSON: ${(cause as Error).message}.`)
  }
}
