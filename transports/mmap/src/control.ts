import { StigmergyError } from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { checkPrivate } from './directory.js'
import { control as at, controlMagic, layoutVersion, mostMembers, place } from './layout.js'
import { isSystemError, SystemError } from './system-error.js'
import type { MappedFile, Mapping } from './mapping.js'

export interface ControlOptions {
  /** From 1 to 64. */
  readonly members: number
  /** What all values of the node may take, in bytes. */
  readonly limitBytes: number
  /** A private directory for values that find no room in memory, and what they may take there, in bytes. */
  readonly spill?: { readonly directory: string; readonly limitBytes: number }
}

/** What the values of one member, or of all, take. */
export interface Taken {
  readonly objects: number
  readonly bytes: number
}

/**
 * The control file of a node, mapped: the key of its descriptors, its limits, and what each member uses of them. No locks: a member
 * writes only what it uses itself, and the sum is what the node uses. So what a dead member used is known, and is cleared.
 */
export class Control {
  readonly members: number
  readonly limitBytes: number
  readonly spillLimitBytes: number
  /** Where spilled values are, if they may be. */
  readonly spillDirectory: string | undefined
  readonly key: readonly [number, number]
  readonly #words: Uint32Array
  readonly #numbers: Float64Array

  private constructor(
    readonly directory: string,
    readonly mapping: Mapping,
    private readonly file: MappedFile,
  ) {
    this.#words = new Uint32Array(file.buffer)
    this.#numbers = new Float64Array(file.buffer)
    this.members = this.#wordAt(at.members)
    this.limitBytes = this.#numberAt(at.limitBytes)
    this.spillLimitBytes = this.#numberAt(at.spillLimitBytes)
    this.spillDirectory = readPath(file, sizeFor(this.members) - at.pathBytes)
    this.key = [this.#wordAt(at.key), this.#wordAt(at.key + 4)]
  }

  /** Founds the store of a node in a private directory. */
  static create(directory: string, mapping: Mapping, options: ControlOptions): Control {
    checkMembers(options.members)
    checkPrivate(directory)
    const bytes = sizeFor(options.members)
    const file = createFile(directory, mapping, bytes)
    const words = new Uint32Array(file.buffer)
    const numbers = new Float64Array(file.buffer)
    words[at.version / 4] = layoutVersion
    numbers[at.bytes / 8] = bytes
    words[at.members / 4] = options.members
    words.set(new Uint32Array(new Uint8Array(randomBytes(8)).buffer), at.key / 4)
    numbers[at.limitBytes / 8] = options.limitBytes
    numbers[at.spillLimitBytes / 8] = options.spill?.limitBytes ?? 0
    writePath(file, bytes - at.pathBytes, options.spill?.directory ?? '')
    Atomics.store(words, at.magic / 4, controlMagic)
    return new Control(directory, mapping, file)
  }

  /** Opens what `create` made, in another thread or process. */
  static open(directory: string, mapping: Mapping): Control {
    checkPrivate(directory)
    const path = controlPath(directory)
    const file = openFile(path, mapping)
    const words = new Uint32Array(file.buffer)
    const numbers = new Float64Array(file.buffer)
    const members = words[at.members / 4] ?? 0
    const sound =
      words[at.magic / 4] === controlMagic &&
      words[at.version / 4] === layoutVersion &&
      numbers[at.bytes / 8] === file.buffer.byteLength &&
      members <= mostMembers &&
      file.buffer.byteLength === sizeFor(members)
    if (sound) return new Control(directory, mapping, file)
    file.unmap()
    throw corrupt(path)
  }

  /** Starts a new window at the place of a member and returns its epoch. The last one at this place has closed or is dead. */
  enter(member: number): number {
    if (!Number.isSafeInteger(member) || member < 0 || member >= this.members)
      throw new TypeError(`A node of ${this.members} has no member ${member}.`)
    this.forget(member)
    const at = this.#placeOf(member)
    Atomics.store(this.#words, (at + place.present) / 4, 1)
    return Atomics.add(this.#words, (at + place.epoch) / 4, 1) + 1
  }

  /** The epoch of the window that is open at the place of a member; undefined when none is. */
  present(member: number): number | undefined {
    const at = this.#placeOf(member)
    const present = Atomics.load(this.#words, (at + place.present) / 4) === 1
    return present ? Atomics.load(this.#words, (at + place.epoch) / 4) : undefined
  }

  /** The window at the place of a member is gone, and uses nothing any more. */
  leave(member: number): void {
    this.forget(member)
    Atomics.store(this.#words, (this.#placeOf(member) + place.present) / 4, 0)
  }

  /** Counts one more value of a member, if it fits. */
  take(member: number, bytes: number): boolean {
    const at = this.#placeOf(member)
    const numbers = this.#numbers
    const own = (at + place.bytes) / 8
    const before = numbers[own] ?? 0
    numbers[own] = before + bytes
    // Also a fence: of two members that take the last room at one time, at least one sees what the other has taken.
    Atomics.add(this.#words, (at + place.objects) / 4, 1)
    if (this.#bytes() <= this.limitBytes) return true
    this.give(member, bytes)
    return false
  }

  /** Ends what `take` began. */
  give(member: number, bytes: number): void {
    const at = this.#placeOf(member)
    this.#add(at + place.bytes, -bytes)
    Atomics.sub(this.#words, (at + place.objects) / 4, 1)
  }

  /** A value turned out to be larger than was said. */
  grow(member: number, bytes: number): void {
    this.#add(this.#placeOf(member) + place.bytes, bytes)
  }

  /** Counts a value of a member whose bytes are on the disk, if they fit there. */
  spill(member: number, bytes: number): boolean {
    const at = this.#placeOf(member)
    this.#add(at + place.spilledBytes, bytes)
    Atomics.add(this.#words, (at + place.objects) / 4, 1)
    if (this.#sum(place.spilledBytes) <= this.spillLimitBytes) return true
    this.unspill(member, bytes)
    return false
  }

  unspill(member: number, bytes: number): void {
    const at = this.#placeOf(member)
    this.#add(at + place.spilledBytes, -bytes)
    Atomics.sub(this.#words, (at + place.objects) / 4, 1)
  }

  /** A member uses nothing any more. */
  forget(member: number): void {
    const at = this.#placeOf(member)
    this.#numbers[(at + place.bytes) / 8] = 0
    this.#numbers[(at + place.spilledBytes) / 8] = 0
    Atomics.store(this.#words, (at + place.objects) / 4, 0)
  }

  /** Says what is left of earlier windows of a member. */
  setRemains(member: number, { objects, bytes }: Taken): void {
    const at = this.#placeOf(member)
    this.#numbers[(at + place.remainsBytes) / 8] = bytes
    Atomics.store(this.#words, (at + place.remainsObjects) / 4, objects)
  }

  /** What all members use. */
  get taken(): Taken {
    let objects = 0
    for (let member = 0; member < this.members; member += 1) {
      const at = this.#placeOf(member)
      objects += this.#wordAt(at + place.objects) + this.#wordAt(at + place.remainsObjects)
    }
    return { objects, bytes: this.#bytes() }
  }

  /** Unmaps the file. The directory stays: it belongs to the one who made it. */
  close(): void {
    this.file.unmap()
  }

  #bytes(): number {
    const numbers = this.#numbers
    const end = this.#placeOf(this.members) / 8
    let sum = 0
    for (let at = this.#placeOf(0) / 8; at < end; at += placeNumbers)
      sum += (numbers[at] ?? 0) + (numbers[at + 1] ?? 0)
    return sum
  }

  #sum(field: number): number {
    let sum = 0
    for (let member = 0; member < this.members; member += 1)
      sum += this.#numberAt(this.#placeOf(member) + field)
    return sum
  }

  #add(at: number, value: number): void {
    this.#numbers[at / 8] = this.#numberAt(at) + value
  }

  #placeOf(member: number): number {
    return at.places + member * at.placeBytes
  }

  #wordAt(at: number): number {
    return this.#words[at / 4] ?? 0
  }

  #numberAt(at: number): number {
    return this.#numbers[at / 8] ?? 0
  }
}

const placeNumbers = at.placeBytes / 8

function sizeFor(members: number): number {
  return at.places + members * at.placeBytes + at.pathBytes
}

function writePath(file: MappedFile, offset: number, path: string): void {
  const text = new TextEncoder().encode(path)
  if (text.length > at.pathBytes - 4)
    throw new TypeError('The path of the directory for spilled values is too long.')
  new Uint32Array(file.buffer, offset, 1)[0] = text.length
  new Uint8Array(file.buffer, offset + 4).set(text)
}

function readPath(file: MappedFile, offset: number): string | undefined {
  const length = new Uint32Array(file.buffer, offset, 1)[0] ?? 0
  const text = new Uint8Array(file.buffer, offset + 4, Math.min(length, at.pathBytes - 4))
  return length === 0 ? undefined : Buffer.from(text).toString()
}

function checkMembers(members: number): void {
  if (Number.isSafeInteger(members) && members >= 1 && members <= mostMembers) return
  throw new StigmergyError('STG_CONFIG_INVALID', `A node has 1 to ${mostMembers} members, not ${members}.`, {
    details: { members, most: mostMembers },
  })
}

function controlPath(directory: string): string {
  return join(directory, 'control')
}

function createFile(directory: string, mapping: Mapping, bytes: number): MappedFile {
  try {
    return mapping.create(controlPath(directory), bytes)
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw unusable(directory, cause)
  }
}

function openFile(path: string, mapping: Mapping): MappedFile {
  try {
    return mapping.open(path, ({ bytes }) => {
      if (bytes < sizeFor(1) || bytes % 8 !== 0) throw corrupt(path)
    })
  } catch (cause) {
    if (isSystemError(cause, 'EINVAL', 'ELOOP', 'ENXIO', 'EISDIR')) throw corrupt(path)
    throw cause instanceof SystemError || isSystemError(cause, 'ENOENT', 'EACCES')
      ? unusable(path, cause)
      : cause
  }
}

function unusable(path: string, cause: unknown): StigmergyError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new StigmergyError('STG_STORE_DIRECTORY', `The store in ${path} cannot be used: ${why}.`, {
    cause,
    details: { path },
  })
}

function corrupt(path: string): StigmergyError {
  const message = `The file ${path} is truncated, or not the control file of a node of this version.`
  return new StigmergyError('STG_STORE_CORRUPT', message, { details: { path } })
}
