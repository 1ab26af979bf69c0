import type { Closed, ObjectRef, PartitionName, Producer } from '@stigmergy/core'
import { freeze } from './freeze.js'
import type { RecordedFiring } from './journal.js'
import { defaultSession, type ClosedStep, type PutStep } from './step.js'

/** A fact, and the partition it is for when only one is concerned. */
export interface AddressedFact {
  readonly fact: Closed
  readonly partition: PartitionName | undefined
}

/** What a bucket under test is. */
export interface IdentitySettings {
  readonly bucket: string
  /** The id of the trigger. */
  readonly trigger: string
  readonly multi: boolean
  /** All firings so far; grows. */
  readonly firings: readonly RecordedFiring[]
}

/** The bucket around a trigger under test: makes objects and facts of steps, and knows which keys are taken. */
export class Identities {
  readonly #settings: IdentitySettings
  readonly #taken = new Map<string, ObjectRef[]>()
  /** `seq` of the objects that an attempt has put again, by invocation and attempt. */
  readonly #confirmed = new Map<string, number[]>()
  #seq = 0

  constructor(settings: IdentitySettings) {
    this.#settings = settings
  }

  /** The object of a put, which may still turn out to be a duplicate. */
  objectOf(step: PutStep, at: number): ObjectRef {
    const { put: key, session = defaultSession, role, group, groups, et, meta, bytes = 1, hops = 0 } = step
    const { bucket, multi } = this.#settings
    const seq = this.#seq + 1
    const occurrence = multi ? this.#sameAs({ session, role, key }).length : undefined
    const optional = present({ role, group, groups, et, meta, occurrence })
    return freeze({
      bucket,
      session,
      key,
      seq,
      at,
      bytes,
      hops,
      producer: this.#producerOf(step, seq),
      ...optional,
    })
  }

  /** Whether the key is taken; an attempt that puts an object of an earlier one confirms it. */
  isTaken(object: ObjectRef): boolean {
    const [first] = this.#settings.multi ? [] : this.#sameAs(object)
    if (first === undefined) return false
    const { invocation, attempt } = object.producer
    if (first.producer.invocation === invocation && first.producer.attempt < attempt)
      this.#confirm(object.producer, first.seq)
    return true
  }

  /** From now on the object has its key and its `seq`. */
  take(object: ObjectRef): void {
    this.#seq = object.seq
    const key = identityOf(object)
    this.#taken.set(key, [...(this.#taken.get(key) ?? []), object])
  }

  /** The fact that a step tells of. */
  factOf(step: ClosedStep): AddressedFact {
    const { closed, session = defaultSession, tagOf, ...beside } = step
    const { scope, confirmed, ...given } = {
      ...beside,
      ...(typeof closed === 'string' ? { scope: closed } : closed),
    }
    const origin = scope === 'item' ? this.#originOf(session, tagOf, given.name) : undefined
    const name = origin?.tag ?? given.name ?? (scope === 'session' ? session : '')
    const hasAttempt = scope === 'invocation' || scope === 'item'
    const { attempt = 1 } = given
    const again =
      this.#seqsOf(session, confirmed) ?? this.#confirmed.get(attemptKey({ invocation: name, attempt }))
    const fact = { scope, outcome: 'succeeded' as const, ...given, name, ...(hasAttempt && { attempt }) }
    return { fact: freeze({ ...fact, ...present({ confirmed: again }) }), partition: origin?.partition }
  }

  #producerOf(step: PutStep, seq: number): Producer {
    const { session = defaultSession, fn = '', invocation = `put-${seq}`, attempt = 1, producer: name } = step
    const tag = step.tag ?? this.#originOf(session, step.tagOf, undefined)?.tag
    const cause = tag === undefined ? undefined : { trigger: this.#settings.trigger, tag }
    return { fn, invocation, attempt, ...present({ name, cause }) }
  }

  /** The latest tagged firing of the session that contains the object, or else that has the tag. */
  #originOf(session: string, key: string | undefined, tag: string | undefined): RecordedFiring | undefined {
    const isOrigin = (firing: RecordedFiring): boolean =>
      key === undefined
        ? firing.tag === tag && (firing.partition.session ?? session) === session
        : firing.objects.some((object) => object.key === key && object.session === session)
    return this.#settings.firings.findLast((firing) => firing.tag !== undefined && isOrigin(firing))
  }

  #sameAs(object: Identity): readonly ObjectRef[] {
    return this.#taken.get(identityOf(object)) ?? []
  }

  #confirm(attempt: Pick<Producer, 'invocation' | 'attempt'>, seq: number): void {
    const key = attemptKey(attempt)
    this.#confirmed.set(key, [...(this.#confirmed.get(key) ?? []), seq])
  }

  #seqsOf(session: string, objects: readonly (number | string)[] | undefined): readonly number[] | undefined {
    return objects?.flatMap((object) =>
      typeof object === 'number' ? [object] : this.#seqsOfKey(session, object),
    )
  }

  #seqsOfKey(session: string, key: string): readonly number[] {
    const objects = [...this.#taken.values()].flat()
    return objects.filter((object) => object.session === session && object.key === key).map(({ seq }) => seq)
  }
}

type Identity = Pick<ObjectRef, 'session' | 'key'> & { readonly role?: string | undefined }

/** The lengths keep the parts apart, whatever characters they contain. */
function identityOf({ session, role = '', key }: Identity): string {
  return `${session.length}.${role.length}.${session}${role}${key}`
}

function attemptKey({ invocation, attempt }: Pick<Producer, 'invocation' | 'attempt'>): string {
  return JSON.stringify([invocation, attempt])
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** The fields that have a value. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  const found: Present<Fields> = {}
  for (const name in fields) if (fields[name] !== undefined) Object.assign(found, { [name]: fields[name] })
  return found
}
