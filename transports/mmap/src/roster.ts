import { StigmergyError } from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { MappedFile, Mapping } from './mapping.js'
import { mostEndpoints, rosterLayout as layout, stage, type Life, type Stage } from './roster-layout.js'

/** Where an endpoint stands: while its generation is in its slot, and its member is there, it is open. */
export interface EndpointPlace {
  readonly member: number
  readonly epoch: number
  readonly slot: number
  readonly generation: number
}

/** Who is in a node, who sleeps, and which endpoints are open. Every question is a read of shared memory. */
export class Roster {
  readonly words: Int32Array
  readonly #file: MappedFile

  private constructor(file: MappedFile) {
    this.#file = file
    this.words = new Int32Array(file.buffer)
  }

  static create(mapping: Mapping, directory: string, members: number): Roster {
    const roster = new Roster(mapping.create(pathIn(directory), layout.bytes))
    const { words } = roster
    words[layout.membersWord] = members
    words.set(new Int32Array(new Uint8Array(randomBytes(layout.idWords * 4)).buffer), layout.idWord)
    words[layout.versionWord] = layout.version
    Atomics.store(words, layout.magicWord, layout.magic)
    return roster
  }

  /** Throws `STG_STORE_CORRUPT` when the file is not the roster of a node. */
  static open(mapping: Mapping, directory: string): Roster {
    const path = pathIn(directory)
    const file = mapping.open(path, ({ bytes }) => {
      if (bytes !== layout.bytes) throw corrupt(path)
    })
    const roster = new Roster(file)
    const { words } = roster
    if (words[layout.magicWord] === layout.magic && words[layout.versionWord] === layout.version)
      return roster
    roster.close()
    throw corrupt(path)
  }

  /** Of the node: another one in the same directory has another id. */
  get id(): string {
    return Buffer.from(this.words.slice(layout.idWord, layout.idWord + layout.idWords).buffer).toString('hex')
  }

  /** How many members there can be. */
  get members(): number {
    return this.words[layout.membersWord] ?? 0
  }

  life(member: number): Life {
    const word = Atomics.load(this.words, memberWord(member, layout.member.life))
    return { epoch: word >>> 3, stage: (word & 7) as Stage }
  }

  isJoined(member: number, epoch: number): boolean {
    const word = Atomics.load(this.words, memberWord(member, layout.member.life))
    return word === lifeWord(epoch, stage.joined)
  }

  /** Gives a place to its next member, with nothing of the one before. The founder does this. */
  admit(member: number): number {
    const epoch = this.life(member).epoch + 1
    this.#clear(layout.load, member)
    this.#clear(layout.endpoints, member)
    this.#setLife(member, epoch, stage.admitted)
    return epoch
  }

  /** Takes up a place. False when it was taken up before, or ended. */
  join(member: number, epoch: number): boolean {
    return this.#moveLife(member, lifeWord(epoch, stage.admitted), lifeWord(epoch, stage.joined))
  }

  leave(member: number, epoch: number): void {
    this.#moveLife(member, lifeWord(epoch, stage.joined), lifeWord(epoch, stage.left))
  }

  bury(member: number): void {
    this.#setLife(member, this.life(member).epoch, stage.buried)
  }

  sleep(member: number): number {
    return Atomics.load(this.words, memberWord(member, layout.member.sleep))
  }

  setProcessor(member: number, processor: number): void {
    Atomics.store(this.words, memberWord(member, layout.member.processor), processor + 1)
  }

  /** Where the members that are awake were seen last, but for one of them. */
  processorsTaken(except: number): readonly { readonly member: number; readonly processor: number }[] {
    const taken: { member: number; processor: number }[] = []
    for (let member = 0; member < this.members; member += 1) {
      const seen = Atomics.load(this.words, memberWord(member, layout.member.processor))
      const isAwake = (this.sleep(member) & 1) === 0 && this.life(member).stage === stage.joined
      if (seen > 0 && member !== except && isAwake) taken.push({ member, processor: seen - 1 })
    }
    return taken
  }

  /** Called by whoever has woken a member: changes nothing when it sleeps again already. */
  wake(member: number, sleep: number): void {
    const word = memberWord(member, layout.member.sleep)
    Atomics.compareExchange(this.words, word, sleep, (sleep + 1) | 0)
  }

  /** Called by the member itself. */
  setSleep(member: number, sleep: number): void {
    Atomics.store(this.words, memberWord(member, layout.member.sleep), sleep)
  }

  news(member: number): number {
    return Atomics.load(this.words, memberWord(member, layout.member.news))
  }

  addNews(member: number): void {
    Atomics.add(this.words, memberWord(member, layout.member.news), 1)
  }

  /** Epoch of the sender whose ring is there for the receiver. */
  ring(receiver: number, sender: number): number {
    return Atomics.load(this.words, ringWord(receiver, sender))
  }

  setRing(receiver: number, sender: number, epoch: number): void {
    Atomics.store(this.words, ringWord(receiver, sender), epoch)
  }

  isOpen({ member, epoch, slot, generation }: EndpointPlace): boolean {
    return this.isJoined(member, epoch) && Atomics.load(this.words, endpointWord(member, slot)) === generation
  }

  /** Takes a free slot of a member for an endpoint. */
  openEndpoint(member: number, epoch: number): EndpointPlace {
    const slot = this.#freeSlot(member)
    const generations = memberWord(member, layout.member.generation)
    const generation = (Atomics.add(this.words, generations, 1) + 1) | 0 || 1
    Atomics.store(this.words, endpointWord(member, slot), generation)
    return { member, epoch, slot, generation }
  }

  closeEndpoint({ member, slot }: EndpointPlace): void {
    Atomics.store(this.words, endpointWord(member, slot), 0)
  }

  close(): void {
    this.#file.unmap()
  }

  #freeSlot(member: number): number {
    for (let slot = 0; slot < mostEndpoints; slot += 1)
      if (Atomics.load(this.words, endpointWord(member, slot)) === 0) return slot
    const message = `A member can have ${mostEndpoints} endpoints open; close one.`
    throw new StigmergyError('STG_TRANSPORT_ADDRESS', message, { details: { endpoints: mostEndpoints } })
  }

  #setLife(member: number, epoch: number, at: Stage): void {
    Atomics.store(this.words, memberWord(member, layout.member.life), lifeWord(epoch, at))
  }

  #moveLife(member: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, memberWord(member, layout.member.life), from, to) === from
  }

  #clear({ word, words }: { readonly word: number; readonly words: number }, member: number): void {
    this.words.fill(0, word + member * words, word + (member + 1) * words)
  }
}

function pathIn(directory: string): string {
  return join(directory, 'control-roster')
}

function lifeWord(epoch: number, at: Stage): number {
  return (epoch << 3) | at
}

function memberWord(member: number, word: number): number {
  return layout.member.word + member * layout.member.words + word
}

function ringWord(receiver: number, sender: number): number {
  return layout.rings.word + receiver * layout.rings.words + sender
}

function endpointWord(member: number, slot: number): number {
  return layout.endpoints.word + member * layout.endpoints.words + slot
}

function corrupt(path: string): StigmergyError {
  return new StigmergyError('STG_STORE_CORRUPT', `${path} is not the roster of a node of this version.`, {
    details: { path },
  })
}
