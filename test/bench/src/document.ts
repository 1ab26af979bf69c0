import { readFileSync, writeFileSync } from 'node:fs'

/** Puts the text between the two marks of a command in a Markdown file, in place of what stood there. Throws if the marks are missing. */
export function rewriteDocument(file: string, command: string, text: string): void {
  const [begin, end] = marksOf(command)
  const [before, after] = around(begin, end, readFileSync(file, 'utf8'), file)
  writeFileSync(file, `${before}${begin}\n\n${text}\n\n${end}${after}`)
}

function marksOf(command: string): readonly [string, string] {
  const mark = (which: string): string => `<!-- written by ${command} --markdown: ${which} -->`
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
