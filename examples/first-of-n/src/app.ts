import { defineApp, immediate, redundant } from 'stigmergy'

/** What a replica does for its answer. Rejects when `signal` aborts. */
export type Work = (replica: number, signal: AbortSignal) => Promise<void>

/**
 * Asks `n` replicas the same and takes the first `k` answers: `ask` → `replicas` → `work` → `answers` → `decide`. A session that
 * begins with `ask` results in the replicas that answered first; the others are cancelled.
 */
export function race(k: number, n: number, work: Work) {
  return defineApp('first-of-n', (app) => {
    const replicas = app.bucket<number>('replicas')
    const answers = app.bucket<number>('answers')

    const ask = app.fn<void, readonly number[]>('ask', async (_fired, { put }) => {
      for (let replica = 1; replica <= n; replica += 1) await put(replicas, undefined, replica)
    })
    const answer = app.fn<number>(
      'answer',
      async (fired, { put, signal }) => {
        await work(fired.value, signal)
        await put(answers, undefined, fired.value)
      },
      { puts: [answers] },
    )
    const decide = app.fn<number, readonly number[]>('decide', (fired, { reply }) => {
      reply(fired.objects.map(({ value }) => value))
    })

    replicas.when(immediate(), answer)
    answers.when(redundant({ k, n }), decide)
    return { ask }
  })
}
