import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { rewriteDocument } from '../src/document.js'

const command = 'npm run bench -- --tier 1'
const begin = `<!-- written by ${command} --markdown: begin -->`
const end = `<!-- written by ${command} --markdown: end -->`

function inFile(text: string, use: (file: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-document-'))
  try {
    const file = join(folder, 'performance.md')
    writeFileSync(file, text)
    use(file)
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('what stands between the marks is replaced, and nothing else', (t) => {
  const text = inFile(`before\n${begin}\nold\n${end}\nafter\n`, (file) =>
    rewriteDocument(file, command, 'new'),
  )
  t.is(text, `before\n${begin}\n\nnew\n\n${end}\nafter\n`)
})

test('writing the same again changes nothing', (t) => {
  const once = inFile(`${begin}${end}\n`, (file) => rewriteDocument(file, command, 'text'))
  t.is(
    inFile(once, (file) => rewriteDocument(file, command, 'text')),
    once,
  )
})

test('a document without marks is an error and stays as it is', (t) => {
  const text = inFile('nothing', (file) =>
    t.throws(() => rewriteDocument(file, command, 'new'), { message: /has no lines/ }),
  )
  t.is(text, 'nothing')
})
