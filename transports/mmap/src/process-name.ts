import { readFileSync, readlinkSync } from 'node:fs'

/** Names a process for as long as the machine runs: process numbers alone are given again. */
export interface ProcessName {
  /** The space that the number counts in. Containers may share files and count for themselves. */
  readonly space: string
  readonly pid: number
  /** When it started, as the system counts; `0` where the system does not say. */
  readonly startedAt: string
}

/** The process that runs this. */
export function ownProcess(): ProcessName {
  return { space: spaceOf('self'), pid: process.pid, startedAt: startOf(process.pid) ?? '0' }
}

/** Whether the process still runs. Only for processes of the same space. */
export function isAlive({ pid, startedAt }: ProcessName): boolean {
  if (!exists(pid)) return false
  const started = startOf(pid)
  return started === undefined || startedAt === '0' || started === startedAt
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Field 22 of the process's status, counted behind the name, which may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function spaceOf(pid: string): string {
  try {
    return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[0] ?? '0'
  } catch {
    return '0'
  }
}
