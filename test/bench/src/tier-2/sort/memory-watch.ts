import { readdirSync, readFileSync } from 'node:fs'

const everyMs = 100

/** Looks now and then at how much memory a process and its descendants have; pages that they share count for each. Only Linux tells. */
export class MemoryWatch implements Disposable {
  #peak: number | undefined
  readonly #timer: NodeJS.Timeout

  constructor(private readonly pid: number) {
    this.#look()
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  get peakBytes(): number | undefined {
    return this.#peak
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const bytes = residentBytes(this.pid)
    if (bytes !== undefined && bytes > (this.#peak ?? 0)) this.#peak = bytes
  }
}

function residentBytes(pid: number): number | undefined {
  const status = readProc(`${pid}/status`)
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  if (kibibytes === undefined) return undefined
  const children = childrenOf(pid).map((child) => residentBytes(child) ?? 0)
  return children.reduce((sum, bytes) => sum + bytes, Number(kibibytes) * 1_024)
}

/** A process may be started by any thread of its parent. */
function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) =>
    readProc(`${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** The text of a file that is gone as soon as its process is. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
