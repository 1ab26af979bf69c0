import type { RuntimeEvent, StepEvent } from 'stigmergy'

/** What a value must be; its name says it in errors. */
interface Form {
  readonly called: string
  readonly fits: (value: unknown) => boolean
}

type Fields = Readonly<Record<string, Form>>

const text: Form = { called: 'a text', fits: (value) => typeof value === 'string' }
const number: Form = { called: 'a number', fits: (value) => typeof value === 'number' }
const record: Form = { called: 'an object', fits: isRecord }
const optional = ({ called, fits }: Form): Form => ({
  called: `${called} or nothing`,
  fits: (value) => value === undefined || fits(value),
})
const fields = (called: string, each: Fields): Form => ({
  called,
  fits: (value) => isRecord(value) && flawOfFields(value, each) === undefined,
})
const list = (called: string, { fits }: Form): Form => ({
  called,
  fits: (value) => Array.isArray(value) && value.every(fits),
})

const address = fields('the address of a stored object', {
  bucket: text,
  session: text,
  key: text,
  seq: number,
  bytes: number,
})
const addresses = list('a list of addresses', address)
const partition = fields('the name of a partition', { session: optional(text), by: optional(text) })
const error = fields('an error', { name: text, message: text })

const stepFields: Readonly<Record<StepEvent['kind'], Fields>> = {
  object: { object: address },
  evict: { object: address },
  timer: { name: text },
  closed: { fact: fields('a fact', { scope: text, name: text, outcome: text }) },
  watermark: { reached: number },
  flush: {},
  deadline: {},
}

const step: Form = {
  called: 'a step of a trigger',
  fits(value) {
    if (!isRecord(value)) return false
    const { kind, at } = value
    const own = isOneOf(stepFields, kind) ? stepFields[kind] : undefined
    return own !== undefined && number.fits(at) && flawOfFields(value, own) === undefined
  },
}

/** Of the events of which more is read than when they were and of which session: what else they have. */
const eventFields: Partial<Record<RuntimeEvent['type'], Fields>> = {
  'session-began': { parents: list('a list of sessions', text) },
  'session-ended': { outcome: text, error: optional(error) },
  'object-put': { object: address },
  'object-duplicate': { object: address },
  'object-disposed': { object: address, trigger: text, reason: text },
  'trigger-fired': { trigger: text, partition, fn: text, objects: addresses },
  'trigger-stepped': { trigger: text, partition, step },
  'trigger-unsatisfied': { trigger: text, report: fields('a report', { reason: text }) },
  'trigger-faulted': { trigger: text, error },
  'objects-lost': {
    bucket: text,
    objects: list('a list of objects', fields('an object', { session: text, key: text })),
  },
  'function-started': { fn: text, attempt: number },
  'function-ended': { fn: text, outcome: text, error: optional(error) },
  'function-retried': { fn: text, error },
}

const triggers = list(
  'a list of triggers',
  fields('a trigger', { id: text, bucket: text, name: text, target: text, primitive: text, common: record }),
)

/** What keeps a value from being the first line of a log; undefined when nothing does. */
export function flawOfHead(value: unknown): string | undefined {
  if (!isRecord(value) || value['log'] !== 'stigmergy') return 'and this file does not'
  if (value['version'] !== 1) return `in version 1, and this one has version ${String(value['version'])}`
  return flawOfFields(value, { app: text, triggers })
}

/** What keeps a value from being an event; undefined when nothing does. Types that are not known may have any fields. */
export function flawOfEvent(value: unknown): string | undefined {
  if (!isRecord(value)) return 'but another value'
  const flaw = flawOfFields(value, { type: text, at: number, session: text })
  const { type } = value
  return flaw ?? (isOneOf(eventFields, type) ? flawOfFields(value, eventFields[type] ?? {}) : undefined)
}

function flawOfFields(value: Readonly<Record<string, unknown>>, expected: Fields): string | undefined {
  for (const [name, { called, fits }] of Object.entries(expected))
    if (!fits(value[name])) return `for its ${name} is not ${called}`
  return undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOneOf<Names extends object>(names: Names, name: unknown): name is keyof Names {
  return typeof name === 'string' && Object.hasOwn(names, name)
}
