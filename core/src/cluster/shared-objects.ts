import type { ObjectRef } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { PutToSettle, SentObject, SharedObject } from './shared-object.js'

/** A value that nothing here wants any more, and who is to hear of it. */
export type FreedObject = Pick<SharedObject, 'value' | 'settle'>

/** The objects of a shared bucket, each for as long as a partition or a firing holds it. */
export class SharedObjects {
  readonly #bySeq = new Map<number, SharedObject>()
  /** By identity, those of `#bySeq`. */
  readonly #seqs = new Map<string, number>()
  readonly #freed: (object: FreedObject) => void

  constructor(freed: (object: FreedObject) => void) {
    this.#freed = freed
  }

  /** As plain data, without their holds. */
  get state(): readonly SentObject[] {
    return [...this.#bySeq.values()].map(({ ref, value }) => ({ ref, value }))
  }

  /** The object of this place in the log, which something holds. */
  at(seq: number): SharedObject {
    return this.#bySeq.get(seq)!
  }

  /** The object of this identity, if something still holds it. */
  find(identity: string): SharedObject | undefined {
    const seq = this.#seqs.get(identity)
    return seq === undefined ? undefined : this.at(seq)
  }

  add(object: SharedObject): void {
    this.#bySeq.set(object.ref.seq, object)
    this.#seqs.set(identityOf(object.ref), object.ref.seq)
  }

  letGo(object: SharedObject): void {
    object.holds -= 1
    if (object.holds > 0) return
    this.#bySeq.delete(object.ref.seq)
    this.#seqs.delete(identityOf(object.ref))
    this.#freed(object)
  }

  /** Ends the holds of whoever has made these. */
  letAllGo(): void {
    for (const object of [...this.#bySeq.values()]) this.letGo(object)
  }

  /**
   * A put of what is here. It may come from a session that runs again because the node that had the value is gone. Throws
   * `STG_OBJECT_KEY_CONFLICT`.
   */
  putAgain(existing: SharedObject, { value, ref, settle }: SentObject): void {
    if (ref.session === '' && !sameContent(existing.value, value)) throw conflict(existing.ref)
    const isAsGood = 'inline' in value || ('ticket' in existing.value && existing.value.node === value.node)
    const freed = isAsGood ? value : existing.value
    if (!isAsGood) existing.value = value
    this.#freed({ value: freed, settle: settleLater(existing, settle) })
  }
}

/** The last who has put it hears what becomes of it; the one who was to hear of it before. */
function settleLater(object: SharedObject, settle: PutToSettle | undefined): PutToSettle | undefined {
  const { settle: before } = object
  object.settle = settle
  const isRepeated = before?.put === settle?.put && before?.address === settle?.address
  return isRepeated ? undefined : before
}

/** What makes an object this one and no other; `occurrence` is set in `multi` buckets only. */
export function identityOf({ session, role, key, occurrence }: ObjectRef): string {
  return JSON.stringify([session, role ?? null, key, occurrence ?? null])
}

function sameContent(a: SharedObject['value'], b: SharedObject['value']): boolean {
  if ('inline' in a && 'inline' in b) return Buffer.compare(a.inline, b.inline) === 0
  return 'inline' in a === 'inline' in b
}

function conflict({ bucket, session, key, producer }: ObjectRef): StigmergyError {
  return new StigmergyError(
    'STG_OBJECT_KEY_CONFLICT',
    `Key ${JSON.stringify(key)} of bucket ${bucket} is taken by an object with other content. ` +
      'Objects are immutable: use another key, or leave it out to have one made.',
    { details: { bucket, session, key, producer } },
  )
}
