import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const main = join(root, 'stigmergy/src/command/main.ts')

/** A folder with these files, in which the packages of the repository are found. */
export async function folderWith(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-command-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, content] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command in a folder, with the sources of this repository for its packages. */
export function begin(folder: string, args: readonly string[]): ChildProcess {
  const loader = import.meta.resolve('tsx')
  const env = { ...process.env, NODE_OPTIONS: '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') }
  return spawn(process.execPath, [`--import=${loader}`, main, ...args], { cwd: folder, env })
}

/** Runs the command to its end. */
export async function stigmergy(folder: string, args: readonly string[], input = ''): Promise<Ended> {
  const command = begin(folder, args)
  command.stdin!.end(input)
  return ended(command)
}

export async function ended(command: ChildProcess): Promise<Ended> {
  const streams = [text(command.stdout!), text(command.stderr!)]
  const [code] = (await once(command, 'close')) as [number | null]
  const [stdout = '', stderr = ''] = await Promise.all(streams)
  return { code, stdout, stderr }
}
