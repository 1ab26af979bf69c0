import { cpus, release, totalmem, type } from 'node:os'

/** What the figures were taken on, in one line. */
export function machine(): string {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${processors.length} × ${model}, ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}`
}
