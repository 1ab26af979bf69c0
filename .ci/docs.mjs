// Compiles the TypeScript in READMEs and docs. A block is a module. One that starts with a comment like
// `// orders.ts` can be imported by the blocks after it; a second one of that name starts afresh.
// A block fenced as `ts fragment` is not compiled.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailed, runTool, script } from './command.mjs'
import { cache, filesUnder, fromRoot, root, workspaces } from './workspaces.mjs'

const folder = join(cache, 'docs')

/** @typedef {{ document: string, line: number, text: string }} Block */

/** Fails with the errors of all blocks, at the lines of their documents. */
export async function checkDocs() {
  const documents = new Map(documentsOf().flatMap(placed))
  rmSync(folder, { recursive: true, force: true })
  for (const [file, { line, text }] of documents) write(file, '\n'.repeat(line) + text)
  write('package.json', JSON.stringify({ type: 'module' }))
  write('tsconfig.json', JSON.stringify(configFor([...documents.keys()])))
  if (documents.size > 0) await compile(documents)
}

/** @param {Map<string, Block>} documents */
async function compile(documents) {
  try {
    await runTool('tsc', ['-p', folder, '--pretty', 'false'], { package: 'typescript', cwd: folder })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const named = error.output.replace(
      /^([^\s(]+)\(/gm,
      (_all, /** @type {string} */ file) => `${documents.get(file)?.document ?? file}(`,
    )
    throw new Error(named, { cause: error })
  }
}

/** @param {string[]} files */
function configFor(files) {
  const compilerOptions = { moduleDetection: 'force', allowJs: false, checkJs: false }
  return { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [], exclude: [] }
}

/** Gives each block of a document a file. @param {string} document @returns {[string, Block][]} */
function placed(document) {
  const base = fromRoot(document).replace(/\.md$/, '')
  /** @type {Set<string>} */
  let taken = new Set()
  let set = 0
  return blocksOf(document).map((block) => {
    const name = /^\/\/ ([\w./-]+\.tsx?)\b/.exec(block.text)?.[1] ?? `line-${block.line}.ts`
    if (taken.has(name)) {
      taken = new Set()
      set += 1
    }
    taken.add(name)
    return [join(base, String(set), name), block]
  })
}

/** @param {string} document @returns {Block[]} */
function blocksOf(document) {
  /** @type {Block[]} */
  const blocks = []
  const lines = readFileSync(document, 'utf8').split('\n')
  for (let line = 0; line < lines.length; line += 1) {
    const fence = /^(\s*)(`{3,})(\w*)(.*)$/.exec(lines[line] ?? '')
    if (!fence) continue
    const [, indent = '', ticks = '', language = '', note = ''] = fence
    const end = lines.findIndex((text, at) => at > line && text.trim() === ticks)
    const text = lines.slice(line + 1, end).map((inner) => inner.slice(indent.length))
    const compiled = ['ts', 'typescript'].includes(language) && !note.includes('fragment')
    if (compiled) blocks.push({ document: fromRoot(document), line: line + 1, text: text.join('\n') })
    line = end === -1 ? lines.length : end
  }
  return blocks
}

function documentsOf() {
  const readmes = ['.', ...workspaces().map(({ path }) => path), 'examples/custom-primitive']
  const found = readmes.map((path) => join(root, path, 'README.md')).filter((file) => existsSync(file))
  return [...found, ...filesUnder(join(root, 'docs')).filter((file) => file.endsWith('.md'))]
}

/** @param {string} file @param {string} text */
function write(file, text) {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await script(checkDocs)
