import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unavailable } from './unavailable.js'

/** The path of a socket may be no longer on any system. */
const mostPathBytes = 103

/** Where members find their founder: a socket in a directory that only this user can enter, or a named pipe on Windows. */
export class Rendezvous {
  readonly path: string
  readonly #directory: string | undefined

  private constructor(path: string, directory: string | undefined) {
    this.path = path
    this.#directory = directory
  }

  /** Throws `STG_NODE_UNAVAILABLE` when the directory cannot be made. */
  static create(parent = tmpdir()): Rendezvous {
    if (process.platform === 'win32')
      return new Rendezvous(`\\\\.\\pipe\\stigmergy-${randomBytes(16).toString('hex')}`, undefined)
    const directory = makePrivate(parent)
    const created = new Rendezvous(join(directory, 'node'), directory)
    if (Buffer.byteLength(created.path) <= mostPathBytes) return created
    created.remove()
    throw unavailable(`The path ${created.path} is too long for a socket; give a shorter directory.`)
  }

  /** Throws `STG_NODE_UNAVAILABLE` when nobody can listen there. */
  async listen(server: Server): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (cause: Error): void =>
        reject(unavailable(`No socket can be made at ${this.path}: ${cause.message}.`, cause))
      server.once('error', refuse)
      server.listen(this.path, () => {
        server.off('error', refuse)
        resolve()
      })
    })
  }

  remove(): void {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true })
  }
}

function makePrivate(parent: string): string {
  try {
    return mkdtempSync(join(parent, 'stigmergy-'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw unavailable(`No directory for the socket of a node can be made in ${parent}: ${why}.`, cause)
  }
}
