// Tokens.Clock: time that moves when it is told to. A day passes at once.
import { byTime, type Clock, defineApp, defineRuntime, provide, start, type Timer, Tokens } from 'stigmergy'

export class Calendar implements Clock {
  #now = 0
  readonly #timers = new Set<{ readonly atMs: number; readonly run: () => void }>()

  now(): number {
    return this.#now
  }

  setTimer(atMs: number, run: () => void): Timer {
    const timer = { atMs, run }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  skipTo(atMs: number): void {
    this.#now = atMs
    for (const timer of this.#timers)
      if (timer.atMs <= atMs) {
        this.#timers.delete(timer)
        timer.run()
      }
  }
}

const day = 86_400_000

export async function show(): Promise<string> {
  const reports: string[] = []
  const app = defineApp('sales', (app) => {
    const sales = app.bucket<number>('sales')
    const report = app.fn<number>('report', ({ objects, window }) => {
      const sum = objects.reduce((total, { value }) => total + value, 0)
      reports.push(`day ${(window?.end ?? 0) / day}: ${sum}`)
    })
    sales.when(byTime({ every: day }), report)
    return { sales }
  })
  const calendar = new Calendar()
  await using runtime = await start(defineRuntime({ provide: [provide(Tokens.Clock, calendar)] }), app)
  const events = runtime.events()
  for (const sale of [20, 22]) await runtime.put(app.handles.sales, undefined, sale)
  calendar.skipTo(day)
  for await (const { type } of events) if (type === 'function-ended') break
  return reports.join()
}
