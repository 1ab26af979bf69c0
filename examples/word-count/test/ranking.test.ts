import test from 'ava'
import { ByteTable } from '../src/byte-table.js'
import { rank } from '../src/ranking.js'

const counts = { fish: 2, é: 1, z: 1, a: 1, '𐐨': 1, '\uFF12': 1, swim: 3 }

function blocks(): readonly Uint8Array[] {
  const table = new ByteTable()
  for (const [word, count] of Object.entries(counts)) {
    const bytes = Buffer.from(word)
    table.add(bytes, 0, bytes.length, count)
  }
  return table.blocks(4)
}

test('frequent words come first, equally frequent ones in the order of their bytes', (t) => {
  t.deepEqual(rank(blocks(), 100), {
    total: 10,
    distinct: 7,
    top: [
      ['swim', 3],
      ['fish', 2],
      ['a', 1],
      ['z', 1],
      ['é', 1],
      ['\uFF12', 1],
      ['𐐨', 1],
    ],
  })
})

test('a short ranking is the beginning of a long one', (t) => {
  const { top } = rank(blocks(), 100)
  for (let length = 0; length <= top.length; length += 1)
    t.deepEqual(rank(blocks(), length).top, top.slice(0, length))
})

test('nothing counted is ranked as nothing', (t) => {
  t.deepEqual(rank([], 10), { total: 0, distinct: 0, top: [] })
})

test('a short ranking of very many words is the beginning of a long one too', (t) => {
  const table = new ByteTable()
  for (let index = 0; index < 20_000; index += 1) {
    const bytes = Buffer.from(`word ${(index * 7_919) % 20_000}`)
    table.add(bytes, 0, bytes.length, 1 + (index % 3))
  }
  const all = table.blocks(3)
  const { top } = rank(all, 20_000)
  for (const length of [1, 10, 5_000, 19_999]) t.deepEqual(rank(all, length).top, top.slice(0, length))
})
