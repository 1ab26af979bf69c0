import { StigmergyError } from '@stigmergy/core'
import { rmSync } from 'node:fs'
import { Bell, bellPath } from './bell.js'
import type { Budget } from './budget.js'
import type { MappedEndpoint } from './endpoint.js'
import { Inbound, type FindReceiver } from './inbound.js'
import type { MappedFile, Mapping } from './mapping.js'
import { Outbound } from './outbound.js'
import { createRing, openRing, ringSize } from './ring.js'
import { ringPath, type Incarnation } from './ring-file.js'
import { RingReader } from './ring-reader.js'
import { RingWriter } from './ring-writer.js'
import type { Roster } from './roster.js'
import { isSystemError } from './system-error.js'

/** What all peers of a member have in common. */
export interface Surroundings {
  readonly self: Incarnation
  readonly mapping: Mapping
  readonly roster: Roster
  readonly directory: string
  readonly ringBytes: number
  readonly find: FindReceiver<MappedEndpoint>
}

/**
 * Another member of the node, in one of its lives: the ring that it writes, the ring that this member writes for it, and its bell. A ring
 * is made when there is a first frame for it, and its name is gone as soon as both have mapped it.
 */
export class Peer {
  readonly member: number
  readonly epoch: number
  /** How its membership ended. What it had sent before is still to be received. */
  ended: 'left' | 'lost' | undefined
  readonly #around: Surroundings
  readonly #bell: Bell
  readonly #files: MappedFile[] = []
  #inbound: Inbound<MappedEndpoint> | undefined
  #outbound: Outbound | undefined
  #isMute = false

  constructor(around: Surroundings, { member, epoch }: Incarnation) {
    this.member = member
    this.epoch = epoch
    this.#around = around
    this.#bell = new Bell(around.roster, member, bellPath(around.directory, member, epoch))
  }

  get inbound(): Inbound<MappedEndpoint> | undefined {
    return this.#inbound
  }

  get outbound(): Outbound | undefined {
    return this.#outbound
  }

  /** What goes to it. Makes the ring the first time. */
  connected(): Outbound {
    return (this.#outbound ??= this.#makeOutbound())
  }

  /** Maps the ring that it has made, if there is one that is not mapped yet. */
  listen(): void {
    if (this.#inbound !== undefined || this.#isMute) return
    const path = ringPath(this.#around.directory, this, this.#around.self)
    const file = mapIfThere(this.#around.mapping, path)
    if (file === undefined) return
    rmSync(path, { force: true })
    this.#files.push(file)
    this.#inbound = new Inbound(new RingReader(openRing(file.buffer, path)), this.#around.find)
  }

  /** Receives what has come, as far as the budget goes, and tells it when it waits for room. */
  serve(budget: Budget): void {
    if (this.#inbound?.serve(budget) === true && this.#inbound.takeWaiting()) this.#bell.ring()
  }

  /** Stops receiving from it, for ever: its ring makes no sense. Whoever it sends to is told. */
  mute(): void {
    const lines = [...(this.#inbound?.lines ?? [])]
    this.#isMute = true
    this.#inbound = undefined
    for (const { receiver, from } of lines) receiver.lose(from)
  }

  /** Makes it look at what has changed, soon if it is awake and at once if it sleeps. */
  tell(): void {
    this.#around.roster.addNews(this.member)
    this.#bell.ring()
  }

  close(): void {
    this.#outbound?.cut()
    this.#bell.close()
    for (const file of this.#files) file.unmap()
  }

  #makeOutbound(): Outbound {
    const { mapping, roster, self, directory, ringBytes } = this.#around
    const file = makeFile(mapping, ringPath(directory, self, this), ringSize(ringBytes))
    this.#files.push(file)
    const writer = new RingWriter(createRing(file.buffer))
    roster.setRing(this.member, self.member, self.epoch)
    this.tell()
    return new Outbound({ writer, roster, ring: () => this.#bell.ring() })
  }
}

function mapIfThere(mapping: Mapping, path: string): MappedFile | undefined {
  try {
    return mapping.open(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** A full disk is nobody's peer's doing: it is told to the one who offers. */
function makeFile(mapping: Mapping, path: string, bytes: number): MappedFile {
  try {
    return mapping.create(path, bytes)
  } catch (cause) {
    if (!isSystemError(cause, 'ENOSPC', 'EDQUOT', 'ENOMEM')) throw cause
    const message = `No room for a ring of ${bytes} bytes at ${path}; give the directory room, or lower ringBytes.`
    throw new StigmergyError('STG_NODE_UNAVAILABLE', message, { cause, retryable: true, details: { bytes } })
  }
}
