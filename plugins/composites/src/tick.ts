import { CronExpressionParser } from 'cron-parser'

/** When something happens again and again. */
export type Ticks = { readonly everyMs: number } | { readonly cron: string; readonly tz: string }

/** The first tick after `nowMs`. */
export function nextTick(ticks: Ticks, nowMs: number): number {
  if ('everyMs' in ticks) return (Math.floor(nowMs / ticks.everyMs) + 1) * ticks.everyMs
  return nextOf(ticks.cron, ticks.tz, nowMs)
}

/** What is wrong with a cron expression or its time zone; undefined when nothing is. */
export function cronProblem(cron: string, tz: string): string | undefined {
  if (![5, 6].includes(cron.trim().split(/\s+/).length)) return 'must have 5 or 6 fields'
  if (!isTimeZone(tz)) return `${JSON.stringify(tz)} is no time zone`
  try {
    nextOf(cron, tz, 0)
    return undefined
  } catch (error) {
    return `is no cron expression: ${(error as Error).message}`
  }
}

/** With a seed of its own the parser takes no chance. */
function nextOf(cron: string, tz: string, nowMs: number): number {
  return CronExpressionParser.parse(cron, { currentDate: new Date(nowMs), tz, hashSeed: cron })
    .next()
    .getTime()
}

function isTimeZone(tz: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: tz })
    return true
  } catch {
    return false
  }
}
