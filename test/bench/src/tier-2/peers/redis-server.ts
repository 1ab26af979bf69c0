import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The program: what `STIGMERGY_REDIS_SERVER` names, or one in `PATH`; undefined if there is none. */
export function redisServer(): string | undefined {
  const { STIGMERGY_REDIS_SERVER: named, PATH = '' } = process.env
  const candidates =
    named === undefined ? PATH.split(delimiter).map((folder) => join(folder, 'redis-server')) : [named]
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
