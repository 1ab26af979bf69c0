import type { History, Move } from './history.js'

/** What a history happens in. */
export type Circumstances = Pick<History, 'common' | 'multi' | 'startMs'>

/** A history that breaks a law, and how. */
export interface Broken {
  readonly history: History
  readonly error: unknown
}

/**
 * Leaves out of a broken history what it breaks the law without: moves, fields of moves, and what is unusual about its
 * circumstances. `problem` tells how a history breaks the law; undefined when it does not.
 */
export function leanest(
  history: History,
  usual: Circumstances,
  problem: (history: History) => unknown,
): Broken {
  let broken: Broken = { history, error: problem(history) }
  const attempt = (simpler: History): void => {
    const error = problem(simpler)
    if (error !== undefined) broken = { history: simpler, error }
  }
  for (let index = history.moves.length - 1; index >= 0; index -= 1)
    attempt({ ...broken.history, moves: broken.history.moves.toSpliced(index, 1) })
  broken.history.moves.forEach((move, index) => {
    for (const field of optionalFieldsOf(move))
      attempt({
        ...broken.history,
        moves: broken.history.moves.map((each, at) => (at === index ? without(each, field) : each)),
      })
  })
  attempt({ ...broken.history, common: usual.common })
  attempt({ ...broken.history, multi: usual.multi })
  attempt({ ...broken.history, startMs: usual.startMs })
  return broken
}

/** What makes a move one of its kind. */
const essential = ['put', 'advance', 'jump', 'closed', 'name', 'flush', 'reset', 'end', 'toTimer', 'as']

function optionalFieldsOf(move: Move): readonly string[] {
  return typeof move === 'string' ? [] : Object.keys(move).filter((field) => !essential.includes(field))
}

function without(move: Move, field: string): Move {
  if (typeof move === 'string') return move
  return Object.fromEntries(Object.entries(move).filter(([name]) => name !== field)) as unknown as Move
}
