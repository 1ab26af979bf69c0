import { readFileSync, writeFileSync } from 'node:fs'

const begin = '<!-- written by npm run bench -- --markdown: begin -->'
const end = '<!-- written by npm run bench -- --markdown: end -->'

/** Puts the text between the two marks of a Markdown file, in place of what stood there. Throws if the marks are missing. */
export function rewriteDocument(file: string, text: string): void {
  const [before, , after] = partsOf(readFileSync(file, 'utf8'), file)
  writeFileSync(file, `${before}${begin}\n\n${text}\n\n${end}${after}`)
}

function partsOf(document: string, file: string): readonly [string, string, string] {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from === -1 || to < from)
    throw new Error(`${file} has no lines "${begin}" and "${end}" to write between`)
  return [document.slice(0, from), document.slice(from, to), document.slice(to + end.length)]
}
