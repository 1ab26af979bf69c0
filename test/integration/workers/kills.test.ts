import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import test from 'ava'
import { defineRuntime, mmap, type Runtime, start } from 'stigmergy'
import { app } from './app.js'
import { lives, staffed, until } from './setting.js'

const { handles } = app

/** How many workers are killed: in CI a few hundred, with the variable as many as wanted. */
const wanted = Number(process.env['STIGMERGY_KILLS'] ?? 200)
/** Sessions under way at any time. */
const sessionsAtOnce = 8

test('workers that are killed at random moments lose nothing, and leave nothing', async (t) => {
  t.timeout(60_000 + wanted * 2_000)
  const seed = Number(process.env['STIGMERGY_SEED'] ?? Date.now() % 1_000_000)
  t.log(`${wanted} kills, STIGMERGY_SEED=${seed}`)
  const random = generator(seed)
  const directory = await mkdtemp(join(tmpdir(), 'stigmergy-kills-'))
  const resources = process.getActiveResourcesInfo().length
  const runtime = await start(
    defineRuntime({
      workers: { kind: 'process', count: 2 },
      transports: { node: mmap({ directory }) },
    }),
    app,
  )
  const pids = new Set<number>()
  let kills = 0
  let results = 0

  const work = async (): Promise<void> => {
    while (kills < wanted) {
      await oneSession(runtime, random())
      results += 1
    }
  }
  const kill = async (): Promise<void> => {
    while (kills < wanted) {
      await staffed(runtime)
      for (let turns = Math.floor(random() * 40); turns > 0; turns -= 1)
        await new Promise((resolve) => setImmediate(resolve))
      const victim = runtime.workers[Math.floor(random() * runtime.workers.length)]
      if (victim === undefined || !lives(victim.pid)) continue
      pids.add(victim.pid)
      process.kill(victim.pid, 'SIGKILL')
      kills += 1
      await until(() => !runtime.workers.some(({ pid }) => pid === victim.pid), 'The loss is known')
    }
  }
  await Promise.all([...Array.from({ length: sessionsAtOnce }, work), kill()])
  t.log(`${results} sessions`)
  t.true(results > wanted / 10)
  for (const trigger of ['numbers.square', 'squares.sum', 'items.gather', 'blocks.add', 'counted.batch'])
    for (const { ledger } of runtime.explain({ trigger })) {
      const disposed = Object.values(ledger.disposed).reduce((sum, count) => sum + count, 0)
      t.is(ledger.admitted, ledger.fired + disposed + ledger.pending, trigger)
    }
  for (const { pid } of runtime.workers) pids.add(pid)
  await until(() => runtime.stats.sessions.live === 0)
  t.is(runtime.deadLetters.size, 0)
  await runtime.close()
  t.deepEqual(await readdir(directory), [], 'files are left')
  t.deepEqual(
    [...pids].filter((pid) => lives(pid)),
    [],
    'processes are left',
  )
  t.deepEqual(mappings(directory), [], 'mappings are left')
  await until(() => process.getActiveResourcesInfo().length <= resources, 'The end of timers and handles')
  await rm(directory, { recursive: true })
})

async function oneSession(runtime: Runtime, chance: number): Promise<void> {
  if (chance < 0.4) return check(await runtime.invoke(handles.fan, 1).result, 140)
  if (chance < 0.6) {
    const doubled = await runtime.invoke(handles.spread, 40).result
    return check((doubled as readonly number[]).join(), Array.from({ length: 40 }, (_, n) => 2 * n).join())
  }
  if (chance < 0.8) return check(await runtime.invoke(handles.fill, 200_000).result, 1_400_000)
  const { outcome } = await runtime.invoke(handles.count, 1).ended
  check(outcome, 'succeeded')
}

function check(result: unknown, expected: unknown): void {
  if (result !== expected) throw new Error(`${String(result)} came instead of ${String(expected)}`)
}

function mappings(directory: string): readonly string[] {
  if (!readdirSync('/proc/self').includes('maps')) return []
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes(directory))
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
