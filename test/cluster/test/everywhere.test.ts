import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { examples } from '../src/examples.js'
import { forgetNotes, notes } from '../src/notes.js'
import { places } from '../src/places.js'
import { loadTour } from '../src/tour.js'

for (const [name, place] of Object.entries(places))
  test.serial(`every example has its exact results on ${name}`, async (t) => {
    t.timeout(25_000)
    const folder = mkdtempSync(join(tmpdir(), 'stigmergy-everywhere-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    process.env['STIGMERGY_NOTES'] = join(folder, 'notes')
    const tour = await loadTour()
    await place(tour, async (hosts) => {
      for (const example of examples) {
        forgetNotes()
        const found = await example.run({ tour, folder, printed: notes, ...hosts })
        t.deepEqual(found, example.expected, example.name)
      }
    })
  })

test('every folder of examples is among those', (t) => {
  const named = new Set(examples.map(({ name }) => name.split(':')[0]))
  t.deepEqual([...named].sort(), readdirSync(new URL('../../../examples/', import.meta.url)).sort())
})
