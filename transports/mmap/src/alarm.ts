import { Bell, bellPath } from './bell.js'
import type { Roster } from './roster.js'
import { stage } from './roster-layout.js'

/**
 * Makes every member look at what has changed in the roster. Rings also those that are awake, because one that died between writing a
 * byte and changing a sleep word, or the other way round, may have left the word wrong.
 */
export function alarm(roster: Roster, directory: string): void {
  for (let member = 0; member < roster.members; member += 1) {
    const { epoch, stage: at } = roster.life(member)
    if (at < stage.joined) continue
    roster.addNews(member)
    const bell = new Bell(roster, member, bellPath(directory, member, epoch))
    bell.force()
    bell.close()
  }
}
