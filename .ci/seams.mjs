// Writes the table of seams in docs/compose-a-runtime.md from the tokens in core: seams.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { script } from './command.mjs'
import { root } from './workspaces.mjs'

const document = join(root, 'docs/compose-a-runtime.md')
const generated = /(<!-- seams: npm run docs -->\n)[^]*?(\n<!-- end of seams -->)/

/** The document as it must be. @returns {Promise<string>} */
async function current() {
  const shown = readFileSync(document, 'utf8')
  if (!generated.test(shown)) throw new Error(`${document} has no place for the table of seams`)
  const table = ['| token | part | type | default | lives |', '| - | - | - | - | - |', ...rows()].join('\n')
  const text = shown.replace(generated, (_all, begin, end) => `${begin}\n${table}\n${end}`)
  return format(text, { ...(await resolveConfig(document)), filepath: document })
}

/** One for each token, from what its comment says. @returns {string[]} */
function rows() {
  const source = readFileSync(join(root, 'core/src/di/tokens.ts'), 'utf8')
  const tokens = source.matchAll(/\/\*\* (.+?)\. Default (.+?)\. \*\/\n {2}(\w+): seam<(\w+)>/g)
  const found = Array.from(tokens, ([, part, standard, name, type]) => ({ part, standard, name, type }))
  const count = source.match(/: seam<\w+>\(/g)?.length
  if (found.length !== count)
    throw new Error(`${found.length} of ${count} tokens say what they are and their default`)
  return found.map(
    ({ part, standard, name, type }) =>
      `| \`Tokens.${name}\` | ${part} | \`${type}\` | ${standard} | ${lifeOf(name ?? '')} |`,
  )
}

/** Parts of a runtime live at its home; those that its workers make for themselves too are in `worker-codec.ts`. @param {string} name */
function lifeOf(name) {
  const workers = readFileSync(join(root, 'core/src/node/worker-codec.ts'), 'utf8')
  return workers.includes(`return parts.get(Tokens.${name})`) ? 'runtime; one in each worker' : 'runtime'
}

/** Fails when the document is not current. */
export async function checkSeams() {
  if ((await current()) !== readFileSync(document, 'utf8'))
    throw new Error('The table of seams in docs/compose-a-runtime.md is out of date; run npm run docs.')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await script(async () => {
    if (process.argv.includes('--check')) await checkSeams()
    else writeFileSync(document, await current())
  })
