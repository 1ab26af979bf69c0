import { readFileSync, writeFileSync } from 'node:fs'
import type { TierName } from './tiers.js'

/** Puts the text between the two marks of a tier in a Markdown file, in place of what stood there. Throws if the marks are missing. */
export function rewriteDocument(file: string, tier: TierName, text: string): void {
  const [begin, end] = marksOf(tier)
  const [before, after] = around(begin, end, readFileSync(file, 'utf8'), file)
  writeFileSync(file, `${before}${begin}\n\n${text}\n\n${end}${after}`)
}

function marksOf(tier: TierName): readonly [string, string] {
  const mark = (which: string): string =>
    `<!-- written by npm run bench -- --tier ${tier} --markdown: ${which} -->`
  return [mark('begin'), mark('end')]
}

/** What stands before and behind the marks. */
function around(begin: string, end: string, document: string, file: string): readonly [string, string] {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from === -1 || to < from)
    throw new Error(`${file} has no lines "${begin}" and "${end}" to write between`)
  return [document.slice(0, from), document.slice(to + end.length)]
}
