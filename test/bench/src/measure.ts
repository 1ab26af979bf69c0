import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Case,
  type Effort,
  fullEffort,
  type MissingRow,
  quickEffort,
  type Row,
  type Subject,
} from './case.js'
import type { Progress } from './progress.js'
import { RemoteSubject, type Setting } from './remote-subject.js'

/** A subject of a case, in a process of its own if it can be measured at all. */
type Contender = { readonly missing: MissingRow } | { readonly remote: RemoteSubject }

/**
 * Measures cases together: one turn of each subject, then the next of each, so that a slow minute of the machine is a slow
 * minute of all. We use no benchmark library: those we know run one task to its end before the next, and their way to await adds
 * 90 ns to each call, three times what the fastest peer takes.
 */
export async function measure(
  group: readonly Case[],
  { tier, effort }: Pick<Setting, 'tier' | 'effort'>,
  progress: Progress,
): Promise<readonly (Row | MissingRow)[]> {
  using folder = scratchFolder()
  const setting = { tier, effort, scratch: folder.path }
  const contenders = group.flatMap((measured) =>
    measured.subjects.map((subject) => contenderOf(measured, subject, setting)),
  )
  const subjects = contenders.flatMap((contender) => ('remote' in contender ? [contender.remote] : []))
  try {
    await takeTurns(group, subjects, effort === 'quick' ? quickEffort : fullEffort, progress)
    const rows: (Row | MissingRow)[] = []
    for (const contender of contenders)
      if ('missing' in contender) rows.push(contender.missing)
      else rows.push(...(await contender.remote.ask('rows')))
    return rows
  } finally {
    for (const subject of subjects) subject.end()
  }
}

function contenderOf(measured: Case, subject: Subject, setting: Setting): Contender {
  const missing = missingRow(measured, subject)
  return missing === undefined ? { remote: new RemoteSubject(measured, subject, setting) } : { missing }
}

/** What stands for the row of a subject that cannot be measured; undefined if it can. */
export function missingRow(measured: Case, subject: Subject): MissingRow | undefined {
  const missing = subject.missing?.()
  return missing === undefined
    ? undefined
    : { case: measured.name, subject: subject.name, unit: measured.unit, missing }
}

async function takeTurns(
  group: readonly Case[],
  subjects: readonly RemoteSubject[],
  effort: Effort,
  progress: Progress,
): Promise<void> {
  if (subjects.length === 0) return
  const { warmUps, rounds } = turnsOf(group, effort)
  for (let turn = 1; turn <= warmUps + rounds; turn += 1) {
    progress.report(group, turn, warmUps + rounds)
    for (const subject of subjects) await subject.ask(turn <= warmUps ? 'warm-up' : 'turn')
  }
}

function turnsOf(group: readonly Case[], effort: Effort): { warmUps: number; rounds: number } {
  const warmUps = Math.max(...group.map((measured) => measured.warmUps ?? effort.warmUps))
  return {
    warmUps: Math.min(warmUps, effort.warmUps),
    rounds: effort.rounds(Math.max(...group.map(({ rounds }) => rounds))),
  }
}

/** A folder that is removed at the end, also when that is the end of the process. */
export function scratchFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'stigmergy-bench-'))
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path,
    [Symbol.dispose]: () => {
      process.off('exit', remove)
      remove()
    },
  }
}
