import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NatsServer } from '@stigmergy-test/nats-server'
import test from 'ava'
import { connect } from 'stigmergy'
import { Crowd } from '../src/crowd.js'
import {
  averageReadings,
  countViews,
  countWords,
  deliverLetters,
  mapAndReduce,
  repliesOfPatterns,
} from '../src/examples.js'
import { forgetNotes, notes } from '../src/notes.js'
import { clusterAt } from '../src/settings.js'
import { loadTour } from '../src/tour.js'
import type { Example } from '../src/visit.js'

const once = [countViews, mapAndReduce, deliverLetters, averageReadings]
const repeated = [countWords, repliesOfPatterns]

test.serial(
  'the examples have exact results while processes are killed and the server is restarted',
  async (t) => {
    t.timeout(110_000)
    const folder = mkdtempSync(join(tmpdir(), 'stigmergy-tour-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    process.env['STIGMERGY_NOTES'] = join(folder, 'notes')
    forgetNotes()
    const tour = await loadTour()
    await using server = await NatsServer.start()
    await using crowd = new Crowd(server.url, process.env['STIGMERGY_NOTES'], 'tour-member.ts')
    await Promise.all(
      (['node', 'node', 'node', 'coordinator', 'coordinator'] as const).map((role) => crowd.start(role)),
    )
    await using client = await connect(clusterAt(server.url))
    // Each line once: a function that ran twice has said the same.
    const visit = { tour, folder, caller: client, printed: () => [...new Set(notes())] }
    const follow = async ({ name, run, expected }: Example, rounds = 1): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) t.deepEqual(await run(visit), expected, name)
    }
    const done = Promise.all([
      ...once.map((each) => follow(each)),
      ...repeated.map((each) => follow(each, 3)),
    ])
    await crowd.replace('node')
    await crowd.replace('coordinator')
    await server.stop()
    await server.resume()
    await crowd.replace('node')
    await done
  },
)
