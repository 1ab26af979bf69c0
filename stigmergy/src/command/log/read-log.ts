import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { RuntimeEvent } from 'stigmergy'
import { unusable } from '../import-file.js'
import type { LogHead } from './event-log.js'

/** A log that is read from its beginning. */
export interface OpenLog {
  readonly head: LogHead
  readonly events: AsyncIterable<RuntimeEvent>
}

/** Opens what `run --log` has written. Rejects with `STG_CONFIG_FILE`, as reading on does. */
export async function openLog(path: string): Promise<OpenLog> {
  const lines = linesOf(path)
  const first = await lines.next()
  const head: unknown = first.done === true ? undefined : first.value
  if (!isHead(head))
    throw unusable(`${path} is no event log of this version: stigmergy run --log writes one.`, path)
  return { head, events: lines as AsyncIterable<RuntimeEvent> }
}

function isHead(value: unknown): value is LogHead {
  const { log, version, triggers } = (value ?? {}) as Partial<LogHead>
  return log === 'stigmergy' && version === 1 && Array.isArray(triggers)
}

async function* linesOf(path: string): AsyncGenerator<unknown, void> {
  const input = createReadStream(path)
  const failed = new Promise<never>((_resolve, reject) => input.once('error', reject))
  failed.catch(() => undefined)
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]()
  for (let number = 1; ; number += 1) {
    const line = await Promise.race([
      lines.next() as Promise<IteratorResult<string, undefined>>,
      failed,
    ]).catch((cause: unknown) => {
      throw unusable(`The log ${path} cannot be read: ${(cause as Error).message}`, path, cause)
    })
    if (line.done === true) return
    if (line.value !== '') yield parsed(line.value, number, path)
  }
}

function parsed(line: string, number: number, path: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw unusable(`Line ${number} of ${path} is no JSON: the log may have been cut off there.`, path, cause)
  }
}
