import { type Case, type Effort, fullEffort, quickEffort, type Row } from './case.js'
import type { Progress } from './progress.js'
import { type EffortName, RemoteSubject } from './remote-subject.js'

/**
 * Measures cases together: one turn of each subject, then the next of each, so that a slow minute of the machine is a slow
 * minute of all. We use no benchmark library: those we know run one task to its end before the next, and their way to await adds
 * 90 ns to each call, three times what the fastest peer takes.
 */
export async function measure(
  group: readonly Case[],
  effort: EffortName,
  progress: Progress,
): Promise<readonly Row[]> {
  const subjects = group.flatMap((measured) =>
    measured.subjects.map((subject) => new RemoteSubject(measured, subject, effort)),
  )
  try {
    const { warmUps, rounds } = turnsOf(group, effort === 'quick' ? quickEffort : fullEffort)
    for (let turn = 1; turn <= warmUps + rounds; turn += 1) {
      progress.report(group, turn, warmUps + rounds)
      for (const subject of subjects) await subject.ask(turn <= warmUps ? 'warm-up' : 'turn')
    }
    const rows: Row[] = []
    for (const subject of subjects) rows.push(...(await subject.ask('rows')))
    return rows
  } finally {
    for (const subject of subjects) subject.end()
  }
}

function turnsOf(group: readonly Case[], effort: Effort): { warmUps: number; rounds: number } {
  return { warmUps: effort.warmUps, rounds: effort.rounds(Math.max(...group.map(({ rounds }) => rounds))) }
}
