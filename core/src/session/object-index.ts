import type { StoredObject } from '../bucket/stored-object.js'

/** Up to this many keys a scan of a list is faster than a `Map`, and much smaller. */
const fewKeys = 8

/** Objects of one bucket and session by identity: role, key and, in a `multi` bucket, the put's id. */
export class ObjectIndex {
  #few: StoredObject[] = []
  #many: Map<string, StoredObject> | undefined
  #roles: Map<string, ObjectIndex> | undefined
  #occurrences: Map<string, number> | undefined
  #ids: Map<string, Map<string, StoredObject>> | undefined

  find(role: string | undefined, key: string): StoredObject | undefined {
    if (role !== undefined) return this.#roles?.get(role)?.find(undefined, key)
    if (this.#many !== undefined) return this.#many.get(key)
    for (const object of this.#few) if (object.key === key) return object
    return undefined
  }

  add(object: StoredObject): void {
    if (object.role === undefined) this.#add(object)
    else this.#ofRole(object.role).#add(object)
  }

  /** False when it was not there. */
  remove(object: StoredObject): boolean {
    const index = object.role === undefined ? this : this.#roles?.get(object.role)
    return index === undefined ? false : index.#remove(object)
  }

  /** How often a key has occurred in a `multi` bucket. */
  occurrences(key: string): number {
    return this.#occurrences?.get(key) ?? 0
  }

  countOccurrence(key: string): void {
    this.#occurrences ??= new Map()
    this.#occurrences.set(key, this.occurrences(key) + 1)
  }

  findId(key: string, id: string): StoredObject | undefined {
    return this.#ids?.get(key)?.get(id)
  }

  addId(id: string, object: StoredObject): void {
    this.#ids ??= new Map()
    const ofKey = this.#ids.get(object.key) ?? new Map<string, StoredObject>()
    this.#ids.set(object.key, ofKey.set(id, object))
  }

  #add(object: StoredObject): void {
    if (this.#many !== undefined) this.#many.set(object.key, object)
    else if (this.#few.push(object) > fewKeys) this.#grow()
  }

  #remove(object: StoredObject): boolean {
    if (this.#many !== undefined)
      return this.#many.get(object.key) === object && this.#many.delete(object.key)
    const at = this.#few.indexOf(object)
    if (at >= 0) this.#few.splice(at, 1)
    return at >= 0
  }

  #grow(): void {
    this.#many = new Map(this.#few.map((object) => [object.key, object]))
    this.#few = []
  }

  #ofRole(role: string): ObjectIndex {
    this.#roles ??= new Map()
    let index = this.#roles.get(role)
    if (index === undefined) this.#roles.set(role, (index = new ObjectIndex()))
    return index
  }
}
