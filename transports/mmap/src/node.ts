import {
  StigmergyError,
  type FoundedNode,
  type NodeExchange,
  type NodeMember,
  type NodeOptions,
  type NodeTicket,
} from '@stigmergy/core'
import { rmSync } from 'node:fs'
import { AddressBook } from './address-book.js'
import { alarm } from './alarm.js'
import { bellPath } from './bell.js'
import { Control } from './control.js'
import { NodeDirectory } from './directory.js'
import { mostMembers } from './layout.js'
import { loadMapping, type Mapping } from './mapping.js'
import { MappedMember } from './member.js'
import { settingsOf, type MmapOptions, type Settings } from './options.js'
import { removeRingsTo } from './ring-file.js'
import { Roster } from './roster.js'
import { stage } from './roster-layout.js'
import { sweepMember } from './sweep.js'
import type { TicketData } from './ticket.js'

/** Workers of one machine share memory through mapped files. For a config: `transports: { node: mmap() }`. */
export function mmap(options?: MmapOptions): NodeExchange {
  const settings = settingsOf(options)
  return { name: 'mmap', found: (node) => found(settings, node) }
}

/** What a founder keeps of its node. */
interface NodeParts {
  readonly settings: Settings
  readonly mapping: Mapping
  readonly directory: NodeDirectory
  readonly spill: NodeDirectory | undefined
  readonly roster: Roster
  readonly control: Control
}

async function found(settings: Settings, { members }: NodeOptions): Promise<FoundedNode> {
  if (!Number.isInteger(members) || members < 1 || members > mostMembers) throw tooMany(members)
  const mapping = await loadMapping()
  const directory = directoryFor(settings)
  const spill = settings.spill && NodeDirectory.create(settings.spill)
  try {
    const control = Control.create(directory.path, mapping, {
      members,
      limitBytes: directory.limitBytes,
      ...(spill && { spill: { directory: spill.path, limitBytes: spill.limitBytes } }),
    })
    const roster = Roster.create(mapping, directory.path, members)
    new AddressBook(directory.path).create()
    return new MappedNode({ settings, mapping, directory, spill, roster, control })
  } catch (error) {
    directory.close()
    spill?.close()
    throw error
  }
}

function directoryFor({ directory, limitBytes }: Settings): NodeDirectory {
  return NodeDirectory.create({
    ...(directory === undefined ? {} : { directory }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  })
}

/** A node as its founder sees it. */
class MappedNode implements FoundedNode {
  readonly member: NodeMember
  readonly #parts: NodeParts
  #closing: Promise<void> | undefined

  constructor(parts: NodeParts) {
    const { mapping, roster } = parts
    this.#parts = parts
    const ticket = this.#ticketFor(0)
    roster.join(0, ticket.epoch)
    // With a mapping of its own: the founder may close its membership before the node.
    this.member = new MappedMember(mapping, Roster.open(mapping, ticket.directory), ticket)
  }

  admit(): NodeTicket {
    const { roster } = this.#parts
    this.#checkOpen()
    for (let member = 1; member < roster.members; member += 1) {
      const { stage: at } = roster.life(member)
      if (at === stage.free || at === stage.buried)
        return { member, module: joinModule, data: this.#ticketFor(member) }
    }
    throw full(roster.members)
  }

  bury(member: number): void {
    const { roster, control, directory } = this.#parts
    this.#checkOpen()
    if (!Number.isInteger(member) || member < 1 || member >= roster.members)
      throw new TypeError(`A member to bury has a number from 1 to ${roster.members - 1}, not ${member}.`)
    const { epoch, stage: at } = roster.life(member)
    if (at === stage.free || at === stage.buried) return
    roster.bury(member)
    new AddressBook(directory.path).strike(member)
    removeRingsTo(directory.path, member)
    sweepMember(control, member)
    alarm(roster, directory.path)
    rmSync(bellPath(directory.path, member, epoch), { force: true })
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    const { roster, control, directory, spill } = this.#parts
    for (let member = 1; member < roster.members; member += 1) roster.bury(member)
    alarm(roster, directory.path)
    await this.member.close()
    roster.close()
    control.close()
    directory.close()
    spill?.close()
  }

  #ticketFor(member: number): TicketData {
    const { roster, directory, settings } = this.#parts
    const { ringBytes, maxFrameBytes, waitMs } = settings
    return {
      directory: directory.path,
      node: roster.id,
      member,
      epoch: roster.admit(member),
      ringBytes,
      maxFrameBytes,
      ...(waitMs === undefined ? {} : { waitMs }),
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StigmergyError('STG_CLOSED', 'The node has been closed.')
  }
}

/** Stands next to this file, in the sources as in what is built of them. */
const joinModule = new URL(import.meta.url.endsWith('.ts') ? './join.ts' : './join.js', import.meta.url).href

function tooMany(members: number): StigmergyError {
  const message = `A node has 1 to ${mostMembers} members, the founder included, not ${members}.`
  return new StigmergyError('STG_CONFIG_INVALID', message, { details: { members, most: mostMembers } })
}

function full(members: number): StigmergyError {
  const message = `All ${members} places of the node are taken; found it for more members, or bury one that is gone.`
  return new StigmergyError('STG_NODE_FULL', message, { details: { members } })
}
