import test from 'ava'
import { ByteTable } from '../src/byte-table.js'
import { countsOfBlocks } from './reference.js'

function tableOf(words: readonly string[], by = 1): ByteTable {
  const table = new ByteTable()
  for (const word of words) {
    const bytes = Buffer.from(`<${word}>`)
    table.add(bytes, 1, bytes.length - 1, by)
  }
  return table
}

const many = Array.from({ length: 20_000 }, (_, index) => `word ${index}`)

test('counts stay exact while the table grows', (t) => {
  const table = tableOf([...many, ...many.slice(0, 100)])
  const counts = countsOfBlocks([table.block()])
  t.is(Object.keys(counts).length, many.length)
  t.true(many.every((word, index) => counts[word] === (index < 100 ? 2 : 1)))
})

test('a key is in the block of the same place from every table', (t) => {
  const forwards = tableOf(many).blocks(8)
  const backwards = tableOf(many.toReversed()).blocks(8)
  for (const [index, block] of forwards.entries())
    t.deepEqual(countsOfBlocks([block]), countsOfBlocks([backwards[index] ?? new Uint8Array()]))
})

test('blocks share the keys about evenly', (t) => {
  const sizes = tableOf(many)
    .blocks(8)
    .map((block) => Object.keys(countsOfBlocks([block])).length)
  t.true(Math.min(...sizes) > 2_200 && Math.max(...sizes) < 2_800, sizes.join(' '))
})

test('adding the blocks of several tables adds their counts', (t) => {
  const sum = tableOf(['a', 'b'])
  for (const block of tableOf(['b', 'c', 'c'], 5_000_000_000).blocks(2)) sum.addBlock(block)
  t.deepEqual(countsOfBlocks([sum.block()]), { a: 1, b: 5_000_000_001, c: 10_000_000_000 })
})

test('a block can be read wherever it lies in memory', (t) => {
  const block = tableOf(['left', 'right']).block()
  const odd = new Uint8Array(block.length + 3).subarray(3)
  odd.set(block)
  t.deepEqual(countsOfBlocks([odd]), { left: 1, right: 1 })
})
