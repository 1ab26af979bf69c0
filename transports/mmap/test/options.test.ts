import { StigmergyError } from '@stigmergy/core'
import test from 'ava'
import { mmap, type MmapOptions } from '../src/index.js'

const refused: readonly (readonly [string, unknown])[] = [
  ['directory', { directory: '' }],
  ['limitBytes', { limitBytes: 0 }],
  ['waitMs', { waitMs: -1 }],
  ['ringBytes', { ringBytes: 1_000_000 }],
  ['ringBytes', { ringBytes: 2_048 }],
  ['maxFrameBytes', { maxFrameBytes: 2 ** 19 }],
  ['spill', { spill: true }],
  ['spill.directory', { spill: { limitBytes: 1 } }],
  ['spill.limitBytes', { spill: { directory: '/tmp' } }],
  ['colour', { colour: 'red' }],
]

for (const [name, options] of refused)
  test(`an option is refused by name: ${JSON.stringify(options)}`, (t) => {
    const error = t.throws(() => mmap(options as MmapOptions))
    t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
    t.true(error.message.includes(name))
  })

test('a node of no members, or of too many, is refused', async (t) => {
  for (const members of [0, 65, 1.5])
    t.true(
      StigmergyError.is(
        await t.throwsAsync(mmap().found({ workers: 'thread', members })),
        'STG_CONFIG_INVALID',
      ),
    )
})

test('frames may be as large as half of a ring allows', async (t) => {
  await using node = await mmap({ ringBytes: 4_096, maxFrameBytes: 2_040 }).found({
    workers: 'thread',
    members: 1,
  })
  const endpoint = await node.member.transport.open({ address: 'a', receive: () => undefined })
  t.is(endpoint.maxFrameBytes, 2_040)
})
