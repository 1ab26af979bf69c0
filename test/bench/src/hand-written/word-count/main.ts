import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { count } from './count.js'

const { values, positionals } = parseArgs({
  options: { workers: { type: 'string', default: '1' }, kind: { type: 'string', default: 'thread' } },
  allowPositionals: true,
})

const files = await Promise.all(positionals.map(async (path) => ({ path, bytes: (await stat(path)).size })))
const workers = Number(values.workers)
console.log(
  JSON.stringify(
    await count(files, {
      top: 20,
      workers:
        workers > 1 ? { kind: values.kind === 'process' ? 'process' : 'thread', count: workers } : undefined,
    }),
  ),
)
