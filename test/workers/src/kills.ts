import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRuntime, mmap, type Runtime, start } from 'stigmergy'
import { app } from './app.js'
import { lives, staffed, until } from './waiting.js'

export interface KillsOptions {
  /** How many workers are killed. */
  readonly kills: number
  /** Two runs of one seed kill after the same numbers of turns; what runs then is up to the machine. */
  readonly seed: number
  /** Is called after each kill with their number. */
  readonly onKill: (kills: number) => void
}

/** What a run came to. `problems` is empty when nothing was lost and nothing is left. */
export interface KillsResult {
  readonly kills: number
  readonly sessions: number
  readonly problems: readonly string[]
}

const { handles } = app
/** Sessions under way at any time. */
const sessionsAtOnce = 8

/**
 * Kills workers at random moments while sessions run, and looks at every result, at the ledgers, and at what is left at the end: files,
 * processes, mappings, timers and handles.
 */
export async function killWorkers({ kills: wanted, seed, onKill }: KillsOptions): Promise<KillsResult> {
  const random = generator(seed)
  const directory = await mkdtemp(join(tmpdir(), 'stigmergy-kills-'))
  const resources = process.getActiveResourcesInfo().length
  const node = mmap({ directory, limitBytes: 64 * 2 ** 20 })
  const definition = defineRuntime({ workers: { kind: 'process', count: 2 }, transports: { node } })
  const runtime = await start(definition, app)
  const pids = new Set<number>()
  const problems: string[] = []
  let kills = 0
  let sessions = 0

  const work = async (): Promise<void> => {
    while (kills < wanted) {
      const problem = await oneSession(runtime, random())
      if (problem !== undefined) problems.push(problem)
      sessions += 1
    }
  }
  const kill = async (): Promise<void> => {
    while (kills < wanted) {
      await staffed(runtime)
      await turns(Math.floor(random() * 40))
      const victim = runtime.workers[Math.floor(random() * runtime.workers.length)]
      if (victim === undefined || !lives(victim.pid)) continue
      pids.add(victim.pid)
      process.kill(victim.pid, 'SIGKILL')
      kills += 1
      onKill(kills)
      await until(() => !runtime.workers.some(({ pid }) => pid === victim.pid), 'The loss is known')
    }
  }
  await Promise.all([...Array.from({ length: sessionsAtOnce }, work), kill()])
  await until(() => runtime.stats.sessions.live === 0, 'All sessions end')
  problems.push(...unbalanced(runtime))
  if (runtime.deadLetters.size > 0) problems.push(`${runtime.deadLetters.size} dead letters`)
  for (const { pid } of runtime.workers) pids.add(pid)
  await runtime.close()
  problems.push(...(await leftIn(directory)), ...alive(pids))
  const quiet = (): boolean => process.getActiveResourcesInfo().length <= resources
  await until(quiet, 'The end of timers and handles').catch((error: unknown) => problems.push(String(error)))
  await rm(directory, { recursive: true })
  return { kills, sessions, problems }
}

/** What is wrong with the result, if anything is. */
async function oneSession(runtime: Runtime, chance: number): Promise<string | undefined> {
  try {
    if (chance < 0.4) return differs(await runtime.invoke(handles.fan, 1).result, 140)
    if (chance < 0.6) {
      const expected = Array.from({ length: 40 }, (_, n) => 2 * n)
      return differs(String(await runtime.invoke(handles.spread, 40).result), String(expected))
    }
    if (chance < 0.8) return differs(await runtime.invoke(handles.fill, 200_000).result, 1_400_000)
    return differs((await runtime.invoke(handles.count, 1).ended).outcome, 'succeeded')
  } catch (error) {
    return `A session failed: ${String(error)}`
  }
}

function differs(result: unknown, expected: unknown): string | undefined {
  return result === expected ? undefined : `${String(result)} came instead of ${String(expected)}`
}

const triggers = ['numbers.square', 'squares.sum', 'items.gather', 'blocks.add', 'counted.batch']

function unbalanced(runtime: Runtime): readonly string[] {
  return triggers
    .flatMap((trigger) => runtime.explain({ trigger }))
    .filter(({ ledger: { admitted, fired, pending, disposed } }) => {
      const gone = Object.values(disposed).reduce((sum, count) => sum + count, 0)
      return admitted !== fired + pending + gone
    })
    .map(({ trigger, ledger }) => `The ledger of ${trigger} does not balance: ${JSON.stringify(ledger)}`)
}

async function leftIn(directory: string): Promise<readonly string[]> {
  const files = (await readdir(directory)).map((file) => `File ${file} is left`)
  const maps = await readFile('/proc/self/maps', 'utf8').catch(() => '')
  const mapped = maps.split('\n').filter((line) => line.includes(directory))
  return [...files, ...mapped.map((line) => `A mapping is left: ${line}`)]
}

function alive(pids: Iterable<number>): readonly string[] {
  return [...pids].filter((pid) => lives(pid)).map((pid) => `Process ${pid} is left`)
}

async function turns(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
